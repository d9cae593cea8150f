"""Walk a tree for files that can be read: by the endings of their names, less what is to be ignored."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePath, PurePosixPath

from indexer.inputs.kind import ending_of
from indexer.inputs.registry import ENDINGS

IGNORE_FILE = ".pagesightignore"


def readable_files(
    folder: Path, on_error: Callable[[OSError], None] = lambda _: None
) -> Iterator[Path]:
    """Yield the files of a folder and those below it, in the order of their paths.

    Names that begin with a dot are passed over: settings, version control, what a file manager leaves.

    on_error  called for a folder that cannot be looked into, which the error names
    """
    files: list[Path] = []
    rules: dict[Path, list[_Rule]] = {}
    for root, folders, names in os.walk(folder, onerror=on_error):
        here = Path(root)
        rules[here] = [*rules.get(here.parent, []), *_rules_of(here, _text_in(here))]
        folders[:] = [
            name for name in folders if _is_read(here / name, rules[here], is_folder=True)
        ]
        files += [
            here / name
            for name in names
            if ending_of(name) in ENDINGS and _is_read(here / name, rules[here], is_folder=False)
        ]
    yield from sorted(path for path in files if path.is_file())


def readable_keys(keys: Iterable[str], text_of: Callable[[str], str]) -> list[str]:
    """Return those keys of a bucket that would be read as files of a folder, in order.

    text_of  loads the text of an ignore file, by its key
    """
    every_key = set(keys)
    top = PurePosixPath()
    rules: dict[PurePosixPath, list[_Rule] | None] = {}

    def rules_in(folder: PurePosixPath) -> list[_Rule] | None:
        """Return the rules for what lies in a folder; None: the folder is passed over."""
        if folder not in rules:
            above = [] if folder == top else rules_in(folder.parent)
            is_read = above is not None and (
                folder == top or _is_read(folder, above, is_folder=True)
            )
            key = str(folder / IGNORE_FILE)
            lines = _rules_of(folder, text_of(key)) if is_read and key in every_key else []
            rules[folder] = [*(above or ()), *lines] if is_read else None
        return rules[folder]

    readable = []
    for key in sorted(every_key):
        path = PurePosixPath(key)
        if key.endswith("/") or ending_of(path.name) not in ENDINGS:
            continue
        file_rules = rules_in(path.parent)
        if file_rules is not None and _is_read(path, file_rules, is_folder=False):
            readable.append(key)
    return readable


class _Rule:
    """One line of an ignore file, as in `.gitignore`: `*` and `?`, `/` last for folders, `!` takes back."""

    def __init__(self, folder: PurePath, line: str) -> None:
        self._folder = folder
        self.takes_back = line.startswith("!")
        pattern = line.removeprefix("!")
        self._is_for_folders = pattern.endswith("/")
        self._pattern = pattern.strip("/")
        self._is_path = "/" in pattern.rstrip("/")

    def matches(self, path: PurePath, *, is_folder: bool) -> bool:
        """Say whether the line names this path below its folder."""
        if self._is_for_folders and not is_folder:
            return False
        if not self._is_path:
            return fnmatchcase(path.name, self._pattern)
        return fnmatchcase(path.relative_to(self._folder).as_posix(), self._pattern)


def _text_in(folder: Path) -> str:
    try:
        return (folder / IGNORE_FILE).read_text("utf-8", "replace")
    except OSError:
        return ""


def _rules_of(folder: PurePath, text: str) -> list[_Rule]:
    lines = (line for line in text.splitlines() if line.strip() and line[0] != "#")
    return [_Rule(folder, line.strip()) for line in lines]


def _is_read(path: PurePath, rules: list[_Rule], *, is_folder: bool) -> bool:
    if path.name.startswith("."):
        return False
    is_ignored = False
    for rule in rules:
        if rule.matches(path, is_folder=is_folder):
            is_ignored = not rule.takes_back
    return not is_ignored
