"""Where a link of a Markdown file leads once the file is a page of the site.

A link to another page leads to that page, an image is copied, any other file of the repository becomes a page that
shows it. What is outside of the repository stays as it is; what should be in it and is not is an error.
"""

import posixpath
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

IMAGES = (".svg", ".png", ".jpg", ".webp")
LISTING = "files"
"""The folder of the site in which files lie that are no pages of their own."""


class LinkError(Exception):
    """A link leads to nothing."""


class Links:
    """The links of one site. `images` and `listed` gather what pages lead to: files of the repository."""

    def __init__(self, root: Path, targets: Mapping[PurePosixPath, PurePosixPath]) -> None:
        self.root, self.targets = root, targets
        self.images: set[PurePosixPath] = set()
        self.listed: set[PurePosixPath] = set()

    def rewritten(self, address: str, source: PurePosixPath) -> str:
        """The address in the site, as seen from the page of `source`.

        Raises:
            LinkError: no such file is in the repository.
        """
        parts = urlsplit(address)
        if parts.scheme or parts.netloc or not parts.path:
            return address
        aim = PurePosixPath(posixpath.normpath(posixpath.join(source.parent, unquote(parts.path))))
        path = self.root / aim
        if aim.parts[:1] == ("..",) or not path.exists():
            raise LinkError(f"{source}: a link leads to {address}, which is not there")
        if path.is_dir() and aim / "README.md" in self.targets:
            aim = aim / "README.md"
        target = self._target(aim)
        start = self.targets[source].parent
        return posixpath.relpath(target, start) + (f"#{parts.fragment}" if parts.fragment else "")

    def _target(self, aim: PurePosixPath) -> PurePosixPath:
        if aim in self.targets:
            return self.targets[aim]
        if aim.suffix in IMAGES:
            self.images.add(aim)
            return aim
        self.listed.add(aim)
        return PurePosixPath(LISTING, f"{aim}.html")
