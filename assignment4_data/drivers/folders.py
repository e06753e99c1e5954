"""Files in, files out: a folder of its own for a call, and all that lies there afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def workplace(files: dict[str, bytes]) -> Iterator[Path]:
    """A fresh folder that holds `files`, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="data-") as name:
        place = Path(name).resolve()
        for file, content in files.items():
            (place / file).parent.mkdir(parents=True, exist_ok=True)
            (place / file).write_bytes(content)
        yield place


def contents(place: Path) -> dict[str, bytes]:
    """The files under `place` by their names from there; links and other special files have the content b"special"."""
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        if path.is_file() and not path.is_symlink()
        else b"special"
        for path in sorted(place.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }
