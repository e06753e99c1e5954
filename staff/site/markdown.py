"""One Markdown file to HTML: GitHub's dialect, with formulas as MathML and coloured code, and no script."""

import re
import unicodedata
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from staff.site.formulas import FormulaError, mathml
from staff.site.links import Links

FORMATTER = HtmlFormatter(nowrap=True, classprefix="c-")


@dataclass(frozen=True)
class Heading:
    """A heading that can be linked to: `anchor` as GitHub makes it from the words."""

    level: int
    words: str
    anchor: str


@dataclass(frozen=True)
class Document:
    """A file as a page shows it."""

    title: str
    html: str
    headings: tuple[Heading, ...]


def document(text: str, source: PurePosixPath, links: Links) -> Document:
    """The file `source`, which holds `text`.

    Raises:
        FormulaError: a formula cannot be shown.
        LinkError: a link leads to nothing.
    """
    parser = MarkdownIt("gfm-like", {"html": True, "linkify": False, "typographer": False}, renderer_cls=Renderer)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False)
    parser.renderer.rules |= {rule: getattr(parser.renderer, rule) for rule in ("math_inline", "math_block")}
    tokens = parser.parse(text)
    headings = list(_name_headings(tokens))
    try:
        html = parser.renderer.render(tokens, parser.options, {"links": links, "source": source})
    except FormulaError as error:
        raise FormulaError(f"{source}: {error}") from error
    title = next((heading.words for heading in headings if heading.level == 1), source.stem)
    return Document(title, html, tuple(headings))


def coloured(code: str, language: str) -> str:
    """Code as HTML with classes for its parts, escaped; plain where the language is not known."""
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return escape(code)
    return highlight(code, lexer, FORMATTER)


def anchor(words: str) -> str:
    """The anchor GitHub gives to a heading of these words."""
    kept = (c for c in words.lower() if c in " -_" or unicodedata.category(c)[0] in "LNM")
    return "".join(kept).strip().replace(" ", "-")


class Renderer(RendererHTML):
    """What differs from plain HTML: formulas, code, links, tables that scroll by themselves."""

    def math_inline(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """`$x$`"""
        return mathml(tokens[index].content, block=False)

    def math_block(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """`$$x$$` on lines of its own."""
        return _block(tokens[index].content)

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A block of code, or of mathematics."""
        language = tokens[index].info.split(" ")[0].strip()
        if language == "math":
            return _block(tokens[index].content)
        return f'<pre tabindex="0"><code>{coloured(tokens[index].content, language or "text")}</code></pre>\n'

    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A link, led to where its file lies in the site."""
        token = tokens[index]
        token.attrSet("href", env["links"].rewritten(str(token.attrGet("href")), env["source"]))
        return self.renderToken(tokens, index, options, env)

    def image(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A picture, which the browser fetches when it comes near."""
        token = tokens[index]
        token.attrSet("src", env["links"].rewritten(str(token.attrGet("src")), env["source"]))
        token.attrSet("loading", "lazy")
        return super().image(tokens, index, options, env)

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A wide table scrolls in a frame of its own, also by keyboard."""
        return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'

    def th_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A cell's alignment is a class: the page's policy applies no style that is written in place."""
        style = str(tokens[index].attrs.pop("style", ""))
        if style:
            tokens[index].attrSet("class", style.removeprefix("text-align:"))
        return self.renderToken(tokens, index, options, env)

    td_open = th_open

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """The end of the frame."""
        return "</table></div>\n"


def _block(tex: str) -> str:
    return f'<div class="formula" tabindex="0" role="region" aria-label="Formula">{mathml(tex, block=True)}</div>\n'


def _name_headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        words = "".join(part.content for part in inline.children or () if part.type in ("text", "code_inline"))
        name = anchor(words)
        times = seen.get(name, 0)
        seen[name] = times + 1
        name = f"{name}-{times}" if times else name
        opening.attrSet("id", name)
        yield Heading(int(opening.tag[1]), re.sub(r"\s+", " ", words).strip(), name)
