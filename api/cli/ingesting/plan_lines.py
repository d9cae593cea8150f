"""What is out of step, as `pagesight sync` shows it before anything is done."""

from __future__ import annotations

from api.cli.output import console, print_json_line
from api.schemas.sync import plan_body
from indexer.ingest.sync.plan import ChangeKind, SyncPlan

_SIGNS = {
    ChangeKind.ADDED: ("+", "green"),
    ChangeKind.CHANGED: ("~", "yellow"),
    ChangeKind.RENAMED: (">", "cyan"),
    ChangeKind.GONE: ("-", "red"),
}


def show_plan(plan: SyncPlan, name: str, *, as_json: bool) -> None:
    """Print the changes of a plan, what is held back and why, and the counts; or all of it as JSON."""
    if as_json:
        print_json_line(plan_body(name, plan).model_dump(mode="json"))
        return
    for change in plan.changes:
        sign, style = _SIGNS[change.kind]
        before = f"{change.older.name} -> " if change.older else ""
        console.print(f"{sign} ", style=style, end="")
        console.print(f"{before}{change.file.name}", markup=False, soft_wrap=True)
    for reason in plan.reasons:
        text = f"{reason}; their documents stay. If that is right: --force"
        console.print(f"! {text}", style="red", markup=False, soft_wrap=True)
    for path in plan.unknown_paths:
        console.print(f"? {path} cannot be read: left as it is", style="yellow", markup=False)
    for path in plan.unsettled_paths:
        console.print(
            f"? {path} is being written: left for the next run", style="yellow", markup=False
        )
    counts = [f"{len(plan.of_kind(kind))} {kind.value}" for kind in ChangeKind]
    text = f"{name}: {', '.join(counts)}, {plan.n_unchanged} in step"
    console.print(text, style="bold", markup=False)
