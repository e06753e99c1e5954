"""`python -m assignment4_data.models --out DIR` trains the models; `--examples NAME` writes labelled texts instead."""

import argparse
import hashlib
import subprocess
import sys
from pathlib import Path

from assignment4_data.models.examples import LABELS, labelled
from assignment4_data.models.files import CHECKSUMS, ModelMissingError
from assignment4_data.models.training import trainer

TRAINED = ("nsfw", "toxic")


def main(arguments: list[str] | None = None) -> None:
    """Trains the classifiers of harmful pages, or writes labelled texts in fastText's format."""
    parser = argparse.ArgumentParser(prog="python -m assignment4_data.models", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; made if need be")
    parser.add_argument(
        "--examples", choices=sorted(LABELS), help="write NAME.txt with labelled texts, and train nothing"
    )
    parser.add_argument("--seed", type=int, default=1, help="which labelled texts (default 1)")
    parser.add_argument("--count", type=int, default=4000, help="how many labelled texts (default 4000)")
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    if given.examples:
        lines = (f"__label__{label} {text}\n" for label, text in labelled(given.examples, given.seed, given.count))
        (given.out / f"{given.examples}.txt").write_text("".join(lines), "utf-8")
        return
    try:
        trainer()
    except ModelMissingError as error:
        parser.exit(1, f"{error}\n")
    for name in TRAINED:
        file = given.out / f"{name}.ftz"
        subprocess.run([sys.executable, "-m", "assignment4_data.models.training", name, str(file)], check=True)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        shipped = "as shipped" if digest == CHECKSUMS[name] else "other bytes than the shipped one"
        print(f"{file}: {file.stat().st_size} bytes, sha256 {digest}, {shipped}")


if __name__ == "__main__":
    main()
