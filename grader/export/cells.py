"""A CSV file of which single cells are changed and every other byte is kept: quoting, line ends, byte order mark.

Python's csv module tells what the cells are, but not where they stand; this reads RFC 4180 with places. On any file
that both accept, both read the same cells (a test holds it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.errors import ConfigError

ENDS = ("\r\n", "\n", "\r")


@dataclass(frozen=True)
class Cell:
    """What a cell says, and where it stands in the file's text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class CsvFile:
    """A CSV file's text and its cells, row by row."""

    path: Path
    text: str
    rows: tuple[tuple[Cell, ...], ...]

    def replaced(self, cells: Mapping[Cell, str]) -> bytes:
        """The file with other text in these cells. The new text needs no quoting: it is a number."""
        pieces, at = [], 0
        for cell in sorted(cells, key=lambda cell: cell.start):
            pieces += [self.text[at : cell.start], cells[cell]]
            at = cell.end
        return "".join([*pieces, self.text[at:]]).encode("utf-8")


def read(path: Path) -> CsvFile:
    """Read a CSV file with the places of its cells.

    Raises:
        ConfigError: it cannot be read, is not UTF-8 or not CSV; the message names the row.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8; expected the file as Canvas exported it") from None
    return CsvFile(path, text, tuple(_rows(path, text)))


def _rows(path: Path, text: str) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    at = 1 if text.startswith("\ufeff") else 0
    while at < len(text):
        row = []
        while True:
            cell = _quoted(path, text, at, len(rows) + 1) if text.startswith('"', at) else _bare(text, at)
            row.append(cell)
            at = cell.end
            if not text.startswith(",", at):
                break
            at += 1
        end = next((end for end in ENDS if text.startswith(end, at)), "")
        if not end and at < len(text):
            raise ConfigError(f"{path}, row {len(rows) + 1}: text after a closing quote; expected ',' or the row's end")
        at += len(end)
        rows.append(tuple(row))
    return rows


def _quoted(path: Path, text: str, start: int, row: int) -> Cell:
    at = start + 1
    while (at := text.find('"', at)) >= 0:
        if not text.startswith('""', at):
            return Cell(text[start + 1 : at].replace('""', '"'), start, at + 1)
        at += 2
    raise ConfigError(f"{path}, row {row}: a quote is never closed; expected the file as Canvas exported it")


def _bare(text: str, start: int) -> Cell:
    at = start
    while at < len(text) and text[at] not in ",\r\n":
        at += 1
    return Cell(text[start:at], start, at)
