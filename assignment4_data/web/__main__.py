"""`python -m assignment4_data.web --out DIR --size 10MB --seed 3`: WARC and WET files of a generated web, with the truth."""

import argparse
import re
from pathlib import Path

from assignment4_data.web.archives import write_truth, write_warc, write_wet
from assignment4_data.web.generator import documents

_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_PAGE_BYTES = 2300  # a page's HTML, on average: what turns a size into a number of pages


def size(text: str) -> int:
    """Bytes in `text`, such as 100KB, 10MB or 2GB."""
    found = re.fullmatch(r"(\d+)\s*([KMG]?B)", text.strip().upper())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 100KB, 10MB or 2GB")
    return int(found[1]) * _UNITS[found[2]]


def main(arguments: list[str] | None = None) -> None:
    """Writes `--files` times a WARC, a WET and a truth file; together their HTML has about `--size` bytes."""
    parser = argparse.ArgumentParser(prog="python -m assignment4_data.web", description=main.__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the files; made if need be")
    parser.add_argument("--size", type=size, default="10MB", help="HTML of all files together (default 10MB)")
    parser.add_argument("--seed", type=int, default=336, help="which web (default 336)")
    parser.add_argument("--files", type=int, default=1, help="files of each form (default 1)")
    parser.add_argument(
        "--broken", type=int, default=50, help="a broken record after so many pages; 0 for none (default 50)"
    )
    given = parser.parse_args(arguments)
    given.out.mkdir(parents=True, exist_ok=True)
    count = max(1, given.size // _PAGE_BYTES // given.files)
    for number in range(given.files):
        stem, seed = given.out / f"{number:05}", given.seed * 100_000 + number
        write_warc(f"{stem}.warc.gz", documents(seed, count), given.broken)
        write_wet(f"{stem}.warc.wet.gz", documents(seed, count))
        write_truth(f"{stem}.truth.jsonl", documents(seed, count))
        print(f"{stem}.warc.gz: {count} pages")


if __name__ == "__main__":
    main()
