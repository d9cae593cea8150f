"""A trial: a copy of a prepared folder, a workload that meets a fault in it, and the word of the oracle."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from indexer.base.errors import DataFolderBusy, NotFound, ReadOnly
from tests.faults import oracle, strace
from tests.faults.facts import Fact, Facts, write_facts
from tests.faults.places import Place
from tests.faults.power_loss import DiskModel, DiskState
from tests.faults.seams import Seams
from tests.faults.workloads import EVERY_WORKLOAD
from tests.faults.wrong_order import CONTROLS
from tests.faults.zygote import copy_folder, in_child


@dataclass(frozen=True)
class Bench:
    """The folders of one trial below `root`: `data` is the product's, the rest is ours."""

    root: Path

    def place(self, *, later: bool = False) -> Place:
        return Place(self.root / "data", self.root / "inbox", Facts(self.root / "facts"), later)

    def clear(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


def warm_up() -> None:
    """Do everything once that is slow the first time, before children are forked."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        (bench.root / "inbox").mkdir()
        EVERY_WORKLOAD["ingest-new"].run(bench.place())
        bench.place().services().repairer.verify(deep=True)


def template(workload: str, folder: str) -> str:
    """Prepare the folder that the trials of a workload begin with, once; return its path."""
    root = Path(folder) / workload
    if not root.exists():
        (root / "inbox").mkdir(parents=True)
        code, error = in_child(lambda: EVERY_WORKLOAD[workload].prepare(Bench(root).place()))
        if code != 0:
            raise RuntimeError(error)
    return str(root)


def _bench(workload: str, folder: str) -> Bench:
    bench = Bench(Path(folder) / "trial")
    bench.clear()
    copy_folder(Path(template(workload, folder)), bench.root)
    return bench


def work(bench: Bench, workload: str, control: str | None, seams: Seams | None = None) -> Any:
    if seams is not None:
        seams.install()
    if control is not None:
        CONTROLS[control]()
    EVERY_WORKLOAD[workload].run(bench.place())
    return seams.calls if seams is not None else None


def judge(bench: Bench, workload: str, *, rerun: bool = True) -> list[str]:
    """Reopen the folder in a fresh process and return what is wrong, before and after a second run."""
    code, result = in_child(partial(_judge, bench, workload, rerun))
    return list(result) if code == 0 else [f"the folder cannot be used (exit {code}): {result}"]


def _judge(bench: Bench, workload: str, rerun: bool) -> list[str]:
    plan, place = EVERY_WORKLOAD[workload], bench.place(later=True)
    sentences: list[str] = []
    if (bench.root / "data" / "catalog.sqlite3").exists():
        services = place.services()
        report = services.repairer.verify(deep=True)
        sentences = oracle.violations(services, place.facts, report, damaged=plan.damaged)
        services.database.engine.dispose()
    if not rerun:
        return sentences
    plan.run(place)
    services = place.services()
    report = services.repairer.verify(deep=True)
    sentences += [f"rerun: {s}" for s in oracle.violations(services, place.facts, report)]
    sentences += [f"rerun: {s}" for s in plan.final(services, place.facts)]
    services.repairer.repair(report)
    sentences += [f"repaired: {s}" for s in oracle.violations_of_repair(services, place.facts)]
    return sentences


# -- at system calls -----------------------------------------------------------------------------------


def syscall_points(
    workload: str, folder: str, reading: bool = False, control: str | None = None
) -> list[dict[str, Any]]:
    """Return the calls of an undisturbed run that concern its data folder."""
    bench = _bench(workload, folder)
    log = Path(folder) / "strace.log"
    calls = strace.READING if reading else strace.CHANGING
    code, error = in_child(
        partial(work, bench, workload, control),
        held_by=lambda pid: strace.attach(pid, log, calls, None),
    )
    if code != 0:
        raise RuntimeError(error)
    points = strace.call_points(log.read_text(), str(bench.root / "data"))
    wanted: Callable[[strace.CallPoint], bool] = (
        (lambda p: True) if reading else strace.changes_disk
    )
    return [
        {"syscall": point.syscall, "nth": point.nth, "line": point.line}
        for point in points
        if wanted(point)
    ]


def syscall_trial(
    workload: str, folder: str, syscall: str, nth: int, fault: str, control: str | None = None
) -> dict[str, Any]:
    """Let the nth call meet `signal=KILL` or `error=EIO`; with `+` after it, every later one, too."""
    bench = _bench(workload, folder)
    log = Path(folder) / "strace.log"
    when = f"{nth}+" if fault.endswith("+") else f"{nth}"
    inject = f"{syscall}:{fault.removesuffix('+')}:when={when}"

    def hold(pid: int) -> subprocess.Popen[str]:
        return strace.attach(pid, log, (syscall,), inject)

    code, _ = in_child(partial(work, bench, workload, control), held_by=hold)
    was_hit = code == -9 or "(INJECTED)" in log.read_text()
    sentences = judge(bench, workload)
    bench.clear()
    return {"code": code, "was_hit": was_hit, "violations": sentences}


# -- between Python and the system calls -----------------------------------------------------------------


def seam_calls(workload: str, folder: str, control: str | None = None) -> list[str]:
    """Return the names of the calls of an undisturbed run."""
    bench = _bench(workload, folder)
    code, calls = in_child(partial(work, bench, workload, control, Seams()))
    if code != 0:
        raise RuntimeError(calls)
    return list(calls)


def seam_trial(
    workload: str,
    folder: str,
    kind: str,
    call: int,
    errno: int = 0,
    until: int | None = None,
    control: str | None = None,
) -> dict[str, Any]:
    """Let a call meet a fault of `Seams`."""
    bench = _bench(workload, folder)
    seams = Seams(kind, call, errno=errno, until=until)
    code, _ = in_child(partial(work, bench, workload, control, seams))
    sentences = judge(bench, workload)
    bench.clear()
    return {"code": code, "was_hit": True, "violations": sentences}


# -- at once ------------------------------------------------------------------------------------------


def at_once_trial(workload: str, folder: str, n_processes: int) -> list[str]:
    """Let several processes do the same at the same moment; return what is wrong."""
    bench = _bench(workload, folder)
    code, result = in_child(partial(_at_once, bench, workload, n_processes))
    errors = result if code == 0 else [f"the processes ended with {code}: {result}"]
    sentences = [f"one of them: {error}" for error in errors] + judge(bench, workload)
    bench.clear()
    return sentences


def _at_once(bench: Bench, workload: str, n_processes: int) -> list[str]:
    """Return the errors but those that say that another process was faster."""
    gate_out, gate_in = os.pipe()
    errors_out, errors_in = os.pipe()
    pids = []
    for _ in range(n_processes):
        pids.append(os.fork())
        if pids[-1] == 0:
            os.close(gate_in)
            os.read(gate_out, 1)  # ends when all are there
            try:
                EVERY_WORKLOAD[workload].run(bench.place())
            except (DataFolderBusy, ReadOnly, NotFound):
                pass
            except BaseException:  # noqa: BLE001 - the child's boundary: the parent tells the error
                os.write(errors_in, json.dumps(traceback.format_exc()[-1500:]).encode() + b"\n")
            os._exit(0)
    for descriptor in (gate_out, gate_in, errors_in):
        os.close(descriptor)
    with os.fdopen(errors_out) as pipe:
        errors = [json.loads(line) for line in pipe]
    died = [pid for pid in pids if os.waitpid(pid, 0)[1] != 0]
    return errors + [f"process {pid} died" for pid in died]


# -- power loss --------------------------------------------------------------------------------------------


def power_losses(
    workload: str, folder: str, most: int | None, control: str | None = None
) -> dict[str, Any]:
    """Cut the power at every call that changes the disk; judge `most` of the disks that may be found."""
    bench = _bench(workload, folder)
    states = Path(folder) / "states"
    shutil.rmtree(states, ignore_errors=True)
    code, n_states = in_child(partial(_record, bench, workload, control, states, most))
    if code != 0:
        raise RuntimeError(n_states)
    verdicts = []
    for state in sorted(states.iterdir(), key=lambda path: int(path.name)):
        bench.clear()
        copy_folder(state, bench.root)
        verdicts.append((state.name, judge(bench, workload)))
    bench.clear()
    shutil.rmtree(states)
    return {"n_states": n_states, "verdicts": verdicts}


def _record(
    bench: Bench, workload: str, control: str | None, folder: Path, most: int | None
) -> int:
    """Run the workload and write down the disks that a power loss may leave; return how many there are."""
    place = bench.place()
    model = DiskModel(place.data_dir)
    model.begin()
    chance = random.Random(workload)
    disks: dict[int, tuple[DiskState, list[Fact]]] = {}

    def observe(name: str, arguments: tuple[Any, ...]) -> None:
        if name in ("fsync", "fdatasync"):
            model.on_sync(arguments[0])
        else:
            model.look()
        for state in model.states(chance):
            disks.setdefault(hash((state.key, len(place.facts.told))), (state, [*place.facts.told]))

    Seams(observe=observe).install()
    if control is not None:
        CONTROLS[control]()
    EVERY_WORKLOAD[workload].run(place)
    observe("end", ())
    chosen = list(disks.values())
    if most is not None and len(chosen) > most:
        chosen = [chosen[int((i + 0.5) * len(chosen) / most)] for i in range(most)]
    for number, (state, facts) in enumerate(chosen):
        root = folder / str(number)
        (root / "inbox").mkdir(parents=True)
        state.write(root / "data")
        write_facts(root / "facts", facts)
    return len(disks)
