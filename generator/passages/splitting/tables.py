"""Reads a table of a layout: which heads stand over a cell, which label before it, which group above it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from indexer.base.layout import Block, Cell
from indexer.base.pages import PageWords

_MAX_SHORT_WORDS = 10
NUMBERED = re.compile(
    r"(?:Table|Figure|Fig\.|Chart|Exhibit|Schedule|Tab\.|Tabelle|Tableau)\s+[\dA-Z]+(?:\.\d+)*",
    re.IGNORECASE,
)
_SCALE = re.compile(
    r"\bin (?:\S+ )?(?:thousands|millions|billions|000s?)\b(?: of [^(),.;]{2,30})?", re.IGNORECASE
)
_NUMERIC = re.compile(r"[\s$€£¥(+−–-]*\d[\d\s.,'’()%+×/–-]*")
_LETTER = re.compile(r"[^\W\d_]")
_A_WORD = re.compile(r"[^\W\d_]{3}")
_PAGE_NUMBER = re.compile(r"(?:[A-Z]-)?(\d{1,4})")
_MIN_CONTENTS = 4
_MAX_CONTENTS_COLUMNS = 3
_FIGURE = re.compile(r"\d")
_LEADERS = re.compile(
    r"(?<=\w)\s*(?:[.·_]{3,}|…)[\s.…·_]*$"
)  # dots that lead from a name to its figure


@dataclass(frozen=True, eq=False)  # no slots: properties are kept
class Table:
    """A table block of a page.

    caption  what stands above or below it and belongs to it; empty where nothing does
    """

    words: PageWords
    block: Block
    caption: str = ""

    @cached_property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """The cells that begin in each row, from left to right; empty ones included."""
        rows: list[list[Cell]] = [[] for _ in range(self.block.n_rows)]
        for cell in self.block.cells:
            rows[cell.row].append(cell)
        return tuple(tuple(sorted(row, key=lambda cell: cell.column)) for row in rows)

    @cached_property
    def n_label_columns(self) -> int:
        """How many columns at the left name the rows."""
        if self.block.n_columns < 2:
            return 0
        n_labels = 1
        spans_rows = any(c.n_rows > 1 and c.column == 0 and not c.is_head for c in self.block.cells)
        while n_labels < self.block.n_columns - 1 and (
            self._names_rows(n_labels) or (spans_rows and n_labels == 1)
        ):
            n_labels += 1
        return n_labels

    def _names_rows(self, column: int) -> bool:
        """Say whether most cells of a column are marked as labels."""
        cells = [
            c for c in self.block.cells if c.column == column and c.stop > c.start and not c.is_head
        ]
        return bool(cells) and 2 * sum(cell.is_row_head for cell in cells) > len(cells)

    @cached_property
    def _texts(self) -> dict[Cell, str]:
        return {
            cell: _LEADERS.sub("", self.words.quote(cell.start, cell.stop))
            for cell in self.block.cells
        }

    @cached_property
    def _grid(self) -> dict[tuple[int, int], Cell]:
        return {
            (row, column): cell
            for cell in reversed(self.block.cells)
            for row in range(cell.row, cell.row + cell.n_rows)
            for column in range(cell.column, cell.column + cell.n_columns)
        }

    @cached_property
    def _heads(self) -> tuple[Cell, ...]:
        return tuple(cell for cell in self.block.cells if cell.is_head and cell.stop > cell.start)

    @cached_property
    def _head_bands(self) -> tuple[int, ...]:
        """Where heads begin: at the top, and wherever they stand again below rows that have none."""
        rows = sorted({cell.row for cell in self._heads})
        return tuple(row for row in rows if row - 1 not in rows)

    @cached_property
    def _head_texts(self) -> dict[Cell, str]:
        return {}

    @cached_property
    def naming_text(self) -> str:
        """What names its rows and columns, as one text: all heads and labels."""
        labels = (cell for cell in self.block.cells if cell.column < self.n_label_columns)
        return " ".join(self.text(cell) for cell in (*self._heads, *labels))

    def text(self, cell: Cell) -> str:
        return self._texts[cell]

    def is_head_row(self, row: int) -> bool:
        """Say whether a row only names columns."""
        cells = [cell for cell in self.rows[row] if cell.stop > cell.start]
        return bool(cells) and all(cell.is_head for cell in cells)

    def group_of(self, row: int) -> str:
        """Return the row above that names a group of rows, as one cell over all columns; empty without."""
        for above in range(row - 1, -1, -1):
            cells = [cell for cell in self.rows[above] if cell.stop > cell.start]
            if len(cells) == 1 and not cells[0].is_head and self._is_group(cells[0]):
                return self.text(cells[0])
        return ""

    def is_group_row(self, row: int) -> bool:
        cells = [cell for cell in self.rows[row] if cell.stop > cell.start]
        return len(cells) == 1 and self.block.n_columns > 1 and self._is_group(cells[0])

    def labels_of(self, row: int) -> list[Cell]:
        """Return the cells that name a row, those that span it from above included."""
        labels = []
        for column in range(self.n_label_columns):
            cell = self.at(row, column)
            if cell is None or cell.stop == cell.start:
                cell = self._label_above(row, column)
            if cell is not None and self._is_figure_under_head(cell):
                continue
            if cell is not None and not cell.is_head and cell not in labels:
                labels.append(cell)
        return labels

    @cached_property
    def _groups_of_label(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for row in range(self.block.n_rows):
            if not self.is_head_row(row) and not self.is_group_row(row):
                groups.setdefault(self.own_label(row), []).append(self.group_of(row))
        return groups

    def groups_of_label(self, row: int) -> list[str]:
        """Return the groups of all rows that have the label of a row: only they tell those apart."""
        label = self.own_label(row)
        return self._groups_of_label.get(label, []) if label else []

    def label(self, row: int, without: Cell | None = None) -> str:
        """Return the group and the label of a row as one text, without one of its cells."""
        parts = [self.group_of(row), self.own_label(row, without)]
        return ", ".join(filter(None, dict.fromkeys(parts)))

    def own_label(self, row: int, without: Cell | None = None) -> str:
        """Return the label of a row as one text, without one of its cells."""
        parts = [self.text(cell) for cell in self.label_cells(row) if cell is not without]
        return ", ".join(filter(None, dict.fromkeys(parts)))

    def label_cells(self, row: int) -> list[Cell]:
        """Return the labels of a row; where they are only numbers, with the first cell that says more."""
        labels = self.labels_of(row)
        if any(_LETTER.search(self.text(cell)) for cell in labels):
            return labels
        return labels + [c for c in self.values_of(row) if _A_WORD.search(self.text(c))][:1]

    @cached_property
    def is_contents(self) -> bool:
        """Say whether the table is one of contents: titles, and page numbers that rise."""
        if not 2 <= self.block.n_columns <= _MAX_CONTENTS_COLUMNS:
            return False
        last = [self.at(row, self.block.n_columns - 1) for row in range(self.block.n_rows)]
        numbers = [_PAGE_NUMBER.fullmatch(self.text(c)) for c in last if c and not c.is_head]
        pages = [int(match[1]) for match in numbers if match]
        rises = all(a <= b for a, b in pairwise(pages))
        return rises and len(pages) >= _MIN_CONTENTS and 2 * len(pages) > len(numbers)

    def values_of(self, row: int) -> list[Cell]:
        """Return the cells with words that stand in a row and do not name it."""
        labels = self.labels_of(row)
        cells = dict.fromkeys(self.at(row, column) for column in range(self.block.n_columns))
        return [c for c in cells if c and c.stop > c.start and not c.is_head and c not in labels]

    def heads_over(self, cell: Cell) -> list[Cell]:
        """Return the heads of a cell's columns, from the top down."""
        first, last = cell.column, cell.column + cell.n_columns
        begin = max((row for row in self._head_bands if row < cell.row), default=0)
        return [
            head
            for head in self._heads
            if begin <= head.row < cell.row
            and head.column < last
            and first < head.column + head.n_columns
        ]

    def head(self, cell: Cell) -> str:
        """Return the heads over a cell as one text; those of the page before where the table goes on."""
        if cell not in self._head_texts:
            own = [self.text(head) for head in self.heads_over(cell)]
            if not own and cell.column < len(self.block.heads):
                own = [self.block.heads[cell.column]]
            self._head_texts[cell] = ", ".join(dict.fromkeys(own))
        return self._head_texts[cell]

    def at(self, row: int, column: int) -> Cell | None:
        """Return the cell that covers a place of the grid."""
        return self._grid.get((row, column))

    @property
    def short_caption(self) -> str:
        """The number of the table where it has one, else the first words of its caption."""
        match = NUMBERED.search(self.caption)
        if match:
            return match[0]
        if self.scale:
            return ""
        caption = self.caption.split(". ")[0]
        return caption if len(caption.split()) <= _MAX_SHORT_WORDS else ""

    @property
    def scale(self) -> str:
        """What its figures are counted in, where the caption says so: `in thousands of euros`."""
        match = _SCALE.search(self.caption)
        return match[0] if match else ""

    def _is_figure_under_head(self, cell: Cell) -> bool:
        """Say whether a cell at the left is a value: a figure that says nothing without its head.

        `Year` or `No.` over figures names rows, `Fiscal 2025` over an amount does not.
        """
        text = self.text(cell)
        return (
            cell.column == 0
            and _NUMERIC.fullmatch(text) is not None
            and _FIGURE.search(self.head(cell)) is not None
        )

    def _is_group(self, cell: Cell) -> bool:
        """Say whether a cell stands for whole rows: over all columns, or alone in a row and no figure."""
        if cell.n_columns >= self.block.n_columns > 1:
            return True
        other_cells = [c for c in self.rows[cell.row] if c is not cell and c.stop > c.start]
        spanning_cells = [
            c for c in self.block.cells if c.row < cell.row < c.row + c.n_rows and c.stop > c.start
        ]
        return (
            not other_cells
            and not spanning_cells
            and cell.column == 0
            and not _FIGURE.search(self.text(cell))
        )

    def _label_above(self, row: int, column: int) -> Cell | None:
        """Return the label that an empty cell at the left of a table goes on with."""
        if column + 1 >= self.n_label_columns:  # the last label column names each row for itself
            return None
        for above in range(row - 1, -1, -1):
            cell = self.at(above, column)
            if cell is not None and cell.stop > cell.start:
                return cell
        return None
