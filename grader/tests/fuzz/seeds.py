"""Seeds for fuzzing, made by code: honest frames and archives, and some that are nearly so."""

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import torch

from grader import wire

ADAPTERS = b"def run_double(x):\n    return 2 * x\n"
VALUES = (
    {"id": 2, "value": torch.arange(6.0).reshape(2, 3), "events": [["torch.nn.functional.softmax", "nn.py", 3]]},
    {"id": -1, "error": {"kind": "error", "type": "ValueError", "message": "no", "traceback": ""}},
    {"noticed": ["files", "reads /etc/passwd", "nn.py", 12]},
    {"ended": "exit code 0", "clean": True, "strays": 0},
    {"ready": True, "versions": {"python": "3", "torch": "2"}},
    [(1, 2.5, None, True), {1: "x" * 300, b"k": b"y" * 300}, np.arange(3, dtype=np.uint16), 2**200, "é\ud800"],
    [torch.ones(2, dtype=torch.bfloat16), torch.tensor([True]), wire.Fixture("word.txt"), wire.Scratch(b"1")],
)


def frames() -> list[bytes]:
    """Frames of every kind of value."""
    return [wire.encode(value) for value in VALUES]


def zips() -> list[bytes]:
    """Zips of a hand-in: stored and deflated, with a folder, too large, too many, a name that climbs and one that is double."""
    return [
        _zip({"adapters.py": ADAPTERS}, zipfile.ZIP_STORED),
        _zip({"assignment0_tiny/adapters.py": ADAPTERS, "assignment0_tiny/parts/nn.py": b"x = 1\n" * 99}),
        _zip({"adapters.py": ADAPTERS, "large.py": bytes(2**17)}),
        _zip({"adapters.py": ADAPTERS} | {f"parts/{number}.py": b"" for number in range(60)}),
        _zip({"adapters.py": ADAPTERS, "../climbs.py": b"", "/etc/absolute": b"", "a.py": b"", "A.py": b""}),
    ]


def tars() -> list[bytes]:
    """Tars of a hand-in, not compressed: with a long name, a link, a device, a sparse header."""
    plain = _tar([("adapters.py", tarfile.REGTYPE), ("parts/größe.py", tarfile.REGTYPE), ("x" * 150, tarfile.REGTYPE)])
    odd = [
        ("adapters.py", tarfile.REGTYPE),
        ("link", tarfile.SYMTYPE),
        ("hard", tarfile.LNKTYPE),
        ("fifo", tarfile.FIFOTYPE),
    ]
    return [plain, _tar(odd), _tar([("adapters.py", tarfile.REGTYPE), ("hole", tarfile.GNUTYPE_SPARSE)])]


def write(target: str, folder: Path) -> None:
    """Lay the seeds of a target into `folder`. The first byte of a seed for `intake` says which form it has."""
    contents = frames() if target == "wire" else [*(b"z" + c for c in zips()), *(b"t" + c for c in tars())]
    contents += [] if target == "wire" else [b"g" + gzip.compress(content, 1) for content in tars()[:1]]
    for number, content in enumerate(contents):
        (folder / f"{target}{number}").write_bytes(content)


def _zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return packed.getvalue()


def _tar(members: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "adapters.py" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            info.size = len(ADAPTERS) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(ADAPTERS) if info.size else None)
    return packed.getvalue()
