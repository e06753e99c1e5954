"""`python -m staff.site`: make the documentation site, and say where it is."""

import argparse
import sys
from pathlib import Path

from staff.site.build import build
from staff.site.contents import ROOT
from staff.site.formulas import FormulaError
from staff.site.links import LinkError


def main() -> int:
    """Build; what is wrong with a page is one line."""
    options = argparse.ArgumentParser(prog="python -m staff.site", description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="the folder; it is made anew")
    out = options.parse_args().out
    try:
        files = build(out)
    except (FormulaError, LinkError, OSError) as error:
        print(f"site: {error}", file=sys.stderr)
        return 2
    print(f"{len(files)} files; begin at {(out / 'index.html').absolute().as_uri()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
