"""`python -m benchmarks.gpu`: the tests of the compiled attention kernels, then their speed, as a Markdown table."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import torch

from benchmarks import tree
from benchmarks.gpu.table import Row, table

ASSIGNMENTS = ("assignment1_basics", "assignment2_systems")
TESTS = [f"assignment2_systems/tests/test_{problem}.py" for problem in ("flash_forward", "flash_backward")]


def main(arguments: list[str] | None = None) -> int:
    """Test and measure; 1 if a test or a measurement fails, 2 without a GPU."""
    options = _options(arguments)
    if not torch.cuda.is_available():
        print("python -m benchmarks.gpu needs a GPU that this PyTorch can use, and there is none here", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="benchmarks-gpu-") as folder:
        for assignment in ASSIGNMENTS:
            tree.home(tree.ROOT, assignment, Path(folder))
        environment = {**os.environ, "PYTHONPATH": str(tree.ROOT)}
        environment.pop("TRITON_INTERPRET", None)
        if not options.no_tests:
            tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS]
            if subprocess.run(tests, cwd=folder, env=environment, check=False).returncode:
                print("the tests fail on this GPU, so nothing is measured", file=sys.stderr)
                return 1
        rows: list[Row] = []
        for dtype, d, length in product(options.dtypes, options.d, options.lengths):
            case = {"dtype": dtype, "d": d, "length": length, "heads": options.heads}
            print(f"{dtype}, d = {d}, length {length} …", file=sys.stderr, flush=True)
            measuring = [sys.executable, "-m", "benchmarks.gpu.attention", json.dumps(case)]
            ended = subprocess.run(measuring, cwd=folder, env=environment, capture_output=True, text=True, check=False)
            if ended.returncode:
                print(ended.stderr[-4000:], file=sys.stderr)
                return 1
            rows += [Row(**found) for found in json.loads(ended.stdout.splitlines()[-1])]
    text = f"Causal attention, {options.heads} heads, on {torch.cuda.get_device_name()}.\n\n{table(rows)}"
    print(text)
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description="Attention kernels on a GPU.")
    parser.add_argument("--lengths", type=_length, nargs="+", default=[2**power for power in range(10, 16)])
    parser.add_argument("--d", type=int, nargs="+", default=[64, 128], choices=(16, 32, 64, 128))
    parser.add_argument("--dtypes", nargs="+", default=["bfloat16", "float32"], choices=("bfloat16", "float32"))
    parser.add_argument("--heads", type=int, default=16)
    parser.add_argument("--no-tests", action="store_true", help="measure without testing first")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there, too")
    return parser.parse_args(arguments)


def _length(text: str) -> int:
    """A number of tokens, as 4096 or 4k."""
    try:
        length = int(text[:-1]) * 1024 if text.endswith("k") else int(text)
    except ValueError:
        length = 0
    if length < 1:
        raise argparse.ArgumentTypeError(f"{text} is no length; expected a number such as 4096 or 4k")
    return length


if __name__ == "__main__":
    sys.exit(main())
