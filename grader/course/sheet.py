"""A CSV file that staff keep by hand, read strictly: one clear error with its line, never a guess.

Covered: another encoding than UTF-8; a byte order mark (taken at the start, where Excel writes it, refused elsewhere);
blank lines (taken at the end only); missing, unknown and double columns; rows that are too short or too long; control
and invisible characters; quotes that are never closed.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.assignment import nearest
from grader.errors import ConfigError

MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
SEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@dataclass(frozen=True)
class Row:
    """One line of a sheet: its number in the file, and its cells by column, stripped."""

    path: Path
    line: int
    cells: Mapping[str, str]

    def wrong(self, column: str, expected: str) -> ConfigError:
        """The error that says what stands in `column` and what was expected."""
        return ConfigError(f"{self.path}, line {self.line}: {column} is {self.cells[column]!r}; expected {expected}")

    def text(self, column: str) -> str:
        """The cell, which must not be empty."""
        if not self.cells[column]:
            raise self.wrong(column, "a text that is not empty")
        return self.cells[column]


def read(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[Row]:
    """The rows below the head. Every one of `columns` is there; one of `optional` that is not reads as empty.

    Raises:
        ConfigError: the file is missing or wrong; the message names the file, the line and what was expected.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)
    records: list[tuple[int, list[str]]] = []
    start = 1
    try:
        for cells in reader:
            records.append((start, [cell.strip() for cell in cells]))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ConfigError(f"{path}, line {start}: not valid CSV: {error}") from None
    while records and not any(records[-1][1]):
        records.pop()
    for line, cells in records:
        _printable(path, line, cells)
    if not records:
        raise ConfigError(f"{path}: is empty; expected the columns {', '.join(columns)}")
    head = [cell.casefold() for cell in records[0][1]]
    _columns(path, head, columns, (*columns, *optional))
    rows = []
    for line, cells in records[1:]:
        if not any(cells):
            raise ConfigError(f"{path}, line {line}: is blank; expected a row, or the end of the file")
        if len(cells) != len(head):
            raise ConfigError(
                f"{path}, line {line}: has {len(cells)} cells; expected {len(head)}, as in the first line"
            )
        rows.append(Row(path, line, {**dict.fromkeys(optional, ""), **dict(zip(head, cells, strict=True))}))
    return rows


def unique(rows: Iterable[Row], what: str, key: Callable[[Row], str]) -> None:
    """Hold that no two rows have the same `key`; case does not count and an empty key is none.

    Raises:
        ConfigError: two have; the message names both lines.
    """
    first: dict[str, Row] = {}
    for row in rows:
        name = key(row)
        other = first.setdefault(name.casefold(), row) if name else row
        if other is not row:
            raise ConfigError(f"{row.path}, line {row.line}: {what} {name!r} stands in line {other.line} already")


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    found = next((name for mark, name in MARKS.items() if data.startswith(mark)), None)
    try:
        if found is None:
            return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}, line {line}: not UTF-8; expected a file saved as 'CSV UTF-8'") from None
    raise ConfigError(f"{path}, line 1: is {found}; expected a file saved as 'CSV UTF-8'")


def _printable(path: Path, line: int, cells: Sequence[str]) -> None:
    for cell in cells:
        odd = next((c for c in cell if unicodedata.category(c) in SEEN), None)
        if odd is not None:
            what = "a byte order mark" if odd == "\ufeff" else "an invisible or control character"
            raise ConfigError(f"{path}, line {line}: holds {what} (U+{ord(odd):04X}); expected printable text")


def _columns(path: Path, head: Sequence[str], required: Sequence[str], valid: Sequence[str]) -> None:
    for name in head:
        if name not in valid:
            raise ConfigError(
                f"{path}, line 1: unknown column '{name}'{nearest(name, valid)}; valid: {', '.join(valid)}"
            )
        if head.count(name) > 1:
            raise ConfigError(f"{path}, line 1: the column '{name}' is there twice; expected it once")
    for name in required:
        if name not in head:
            raise ConfigError(f"{path}, line 1: the column '{name}' is missing; expected {', '.join(required)}")
