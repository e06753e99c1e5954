"""Runs a target: `python -m grader.tests.fuzz wire -runs=20000 -seed=336`; the options are libFuzzer's.

With atheris the way through the code guides what is tried next, and no two runs are the same, whatever the seed. Where
atheris has no build (macOS, new Pythons), and with `--same` as the first option, the seeds are changed at random, the same
way each time.
"""

import random
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    atheris = None


def guided(target: str, options: list[str], corpus: Path) -> None:
    """Fuzz with atheris; never returns."""
    import torch  # noqa: F401 — ahead of the instruments, which are for our own code

    with atheris.instrument_imports(include=["grader.wire", "grader.intake", "zipfile", "tarfile"]):
        from grader.tests.fuzz import seeds, targets
    seeds.write(target, corpus)
    limits = ["-timeout=20", "-rss_limit_mb=3000", "-max_len=8192", "-artifact_prefix=/tmp/fuzz-"]
    atheris.Setup([sys.argv[0], *limits, *options, str(corpus)], targets.TARGETS[target])
    atheris.Fuzz()


def unguided(target: str, options: list[str], corpus: Path) -> None:
    """Change the seeds at random, `-runs` times, beginning from `-seed`."""
    from grader.tests.fuzz import seeds, targets

    asked = dict(option.lstrip("-").split("=", 1) for option in options)
    chance, runs = random.Random(int(asked.get("seed", 0))), int(asked.get("runs", 100_000))
    seeds.write(target, corpus)
    kept = [path.read_bytes() for path in sorted(corpus.iterdir())]
    for _ in range(runs):
        data = bytearray(chance.choice(kept))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data) + 1)
            data[at : at + chance.choice((0, 1, 1, 4))] = chance.randbytes(chance.choice((0, 1, 1, 4)))
        targets.TARGETS[target](bytes(data))
    print(f"Done {runs} runs")


def main(argv: list[str]) -> None:
    """Fuzz one target."""
    target, *options = argv
    same = options[:1] == ["--same"]
    with tempfile.TemporaryDirectory() as corpus:
        (unguided if same or atheris is None else guided)(target, options[same:], Path(corpus))


if __name__ == "__main__":
    main(sys.argv[1:])
