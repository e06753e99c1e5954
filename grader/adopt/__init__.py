"""Makes a hand-in of a repository in the public course's shape (`cs336_basics/` and `tests/adapters.py`).

Covered: folders, clones, zips and tarballs; any layout of the package, `src/` too; imports of any module of the
repository; data by relative paths; the installed version; adapters of an older edition that have another form.
Left out of the grade are tests that need what the public course does not have and the repository neither
(`ledger`, `transport`), and those marked as `beyond_public_course`.

Not covered: module names that are computed at run time; packages that are not installed here; repositories of the
years before 2025, whose adapters have other names. Nothing of a repository is run: it is student code.

    adoption ─▶ terms        what the assignment's TOML says of the public course
        ├─────▶ repository   opens it, finds adapters, package and where imports look ─▶ intake
        ├─────▶ imports      names of modules as they are in the hand-in ─▶ tree
        ├─────▶ classes      the class behind `run_linear` ─▶ definitions ─▶ tree
        ├─────▶ glue         the adapters.py of the hand-in
        └─────▶ ledger       what the course remembers; read by grading, obeyed by transport
"""

from grader.adopt.adoption import Adopted, adopt
from grader.adopt.ledger import Adoption, find

__all__ = ["Adopted", "Adoption", "adopt", "find"]
