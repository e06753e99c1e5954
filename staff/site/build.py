"""The site as a folder: pages, pictures, the files that pages lead to, one style sheet. Any web server can give it out."""

import posixpath
import shutil
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from importlib import resources
from pathlib import Path, PurePosixPath

import jinja2
from markupsafe import Markup
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

from staff.site.contents import ROOT, Page, pages
from staff.site.links import LISTING, Links
from staff.site.markdown import Document, coloured, document

STYLE = "site.css"
TITLE = "Language models from scratch"


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents, with its address from the page it is shown on."""

    title: str
    address: str
    here: bool


def build(out: Path, root: Path = ROOT) -> list[PurePosixPath]:
    """Write the site into `out`, which is made anew, and say which files it has.

    Raises:
        FormulaError: a formula cannot be shown; the message names file and formula.
        LinkError: a link of a file leads to nothing; the message names both.
        FileNotFoundError: a page's file is missing.
    """
    chosen = pages(root)
    links = Links(root, {page.source: page.target for page in chosen})
    documents = {
        page: document((root / page.source).read_text(encoding="utf-8"), page.source, links) for page in chosen
    }
    shutil.rmtree(out, ignore_errors=True)
    written = []
    for page in chosen:
        written.append(_write(out, page.target, _page(page, documents)))
    for source in sorted(links.listed):
        written.append(_write(out, PurePosixPath(LISTING, f"{source}.html"), _listing(root, source, documents)))
    for image in sorted(links.images):
        (out / image).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / image, out / image)
        written.append(image)
    written.append(_write(out, PurePosixPath(STYLE), _read(STYLE)))
    return written


def _page(page: Page, documents: dict[Page, Document]) -> str:
    shown = documents[page]
    order = list(documents)
    place = order.index(page)
    return _template().render(
        title=shown.title,
        body=Markup(shown.html),
        headings=[heading for heading in shown.headings if heading.level in (2, 3)],
        before=_entry(order[place - 1], page.target, documents) if place else None,
        after=_entry(order[place + 1], page.target, documents) if place + 1 < len(order) else None,
        **_frame(page.target, documents),
    )


def _listing(root: Path, source: PurePosixPath, documents: dict[Page, Document]) -> str:
    """The page that shows a file, or what is in a folder."""
    path = root / source
    if path.is_dir():
        names = sorted(f"{child.name}/" if child.is_dir() else child.name for child in path.iterdir())
        body = "<ul>" + "".join(f"<li><code>{escape(n)}</code></li>" for n in names if n[0] not in "._") + "</ul>"
    else:
        code = path.read_text(encoding="utf-8")
        try:
            language = get_lexer_for_filename(path.name).aliases[0]
        except ClassNotFound:
            language = "text"
        body = f'<pre tabindex="0"><code>{coloured(code, language)}</code></pre>'
    target = PurePosixPath(LISTING, f"{source}.html")
    return _template().render(
        title=str(source), body=Markup(f"<h1><code>{escape(str(source))}</code></h1>{body}"), headings=[],
        before=None, after=None, **_frame(target, documents),
    )  # fmt: skip


def _frame(target: PurePosixPath, documents: dict[Page, Document]) -> dict[str, object]:
    contents: dict[str, list[Entry]] = {}
    for page in documents:
        contents.setdefault(page.section, []).append(_entry(page, target, documents))
    return {
        "site": TITLE,
        "contents": contents,
        "style": posixpath.relpath(STYLE, target.parent),
        "home": posixpath.relpath("index.html", target.parent),
    }


def _entry(page: Page, seen_from: PurePosixPath, documents: dict[Page, Document]) -> Entry:
    address = posixpath.relpath(page.target, seen_from.parent)
    title = "Overview" if page.target == PurePosixPath("index.html") else documents[page].title
    return Entry(title, address, page.target == seen_from)


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("page.html")


def _write(out: Path, target: PurePosixPath, content: str) -> PurePosixPath:
    path = out / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8", newline="\n")
    return target


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
