"""The documentation site: every page, formula and link of it, and the command line's reference."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest

from staff.site.build import build
from staff.site.commands import FILE, reference
from staff.site.contents import ROOT, pages
from staff.site.formulas import FormulaError, mathml
from staff.site.links import LinkError, Links
from staff.site.markdown import anchor, document


class Reader(HTMLParser):
    """What a page links to, loads and can be linked at; `inline` is what its policy would block."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links, self.loaded, self.anchors, self.inline, self.formulas = [], [], set(), [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.anchors |= {values["id"]} if "id" in values else set()
        self.formulas += tag == "math"
        self.links += [values["href"]] if tag == "a" else []
        self.loaded += [values["src"]] if tag in ("img", "script") else [values["href"]] if tag == "link" else []
        self.inline += [tag] if tag in ("script", "style") or "style" in values else []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site."""
    out = tmp_path_factory.mktemp("site")
    build(out)
    return out


@pytest.fixture(scope="module")
def read(site):
    """Every page of the site by its path, read."""
    return {path: Reader(path) for path in sorted(site.rglob("*.html"))}


def test_every_handout_and_readme_is_a_page(site):
    sources = {str(page.source) for page in pages()}
    handouts = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("assignment*/README.md")}
    documents = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("docs/*.md")}
    assert handouts | documents | {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"} <= sources
    assert all((site / page.target).is_file() for page in pages())


def test_every_link_and_picture_of_every_page_is_there(site, read):
    for path, page in read.items():
        for address in [*page.links, *page.loaded]:
            parts = urlsplit(address)
            if parts.scheme:
                assert parts.scheme == "https", f"{path}: {address}"
                continue
            aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert aim.is_file(), f"{path}: a link leads to {address}, which is not there"
            assert aim.is_relative_to(site)
            if parts.fragment:
                assert unquote(parts.fragment) in read[aim].anchors, f"{path}: {address} has no such heading"


def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing(read):
    for path, page in read.items():
        assert not [address for address in page.loaded if urlsplit(address).netloc], path
        assert page.inline == [], path


@pytest.mark.parametrize(("handout", "fewest"), [("assignment1_basics", 200), ("assignment2_systems", 200)])
def test_the_handouts_formulas_are_mathml_and_no_tex_is_left(site, read, handout, fewest):
    path = site / handout / "index.html"
    assert read[path].formulas > fewest
    prose = re.sub(r"<(pre|code)\b.*?</\1>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\\[a-z]+\b|\$[^ $]+\$", prose)


def test_a_sum_on_a_line_of_its_own_carries_its_limits_below():
    block = ElementTree.fromstring(mathml(r"\sum_{i=1}^n x_i", block=True))
    assert [element.tag for element in block.iter()][2] == "munderover"
    inline = ElementTree.fromstring(mathml(r"\sum_{i=1}^n x_i", block=False))
    assert [element.tag for element in inline.iter()][2] == "msubsup"


@pytest.mark.parametrize("tex", [r"\nosuchcommand x", r"\frac{1}{", r"a_1_2"])
def test_a_formula_that_cannot_be_shown_is_an_error_that_names_page_and_formula(tex, tmp_path):
    links = Links(tmp_path, {})
    with pytest.raises(FormulaError) as refusal:
        document(f"# Page\n\n${tex}$\n", PurePosixPath("page.md"), links)
    assert "page.md: the formula" in str(refusal.value)
    assert repr(tex) in str(refusal.value)


def test_a_link_to_nothing_is_an_error_that_names_both(tmp_path):
    links = Links(tmp_path, {PurePosixPath("page.md"): PurePosixPath("page.html")})
    with pytest.raises(LinkError, match=r"page\.md: a link leads to gone\.md, which is not there"):
        document("[away](gone.md)", PurePosixPath("page.md"), links)
    with pytest.raises(LinkError, match=r"\.\./outside\.md"):
        document("[away](../outside.md)", PurePosixPath("page.md"), links)


def test_headings_have_the_anchors_that_github_gives_them():
    assert anchor("Softmax: `softmax` (2 points)") == "softmax-softmax-2-points"
    shown = document("# A b\n\n## Twice\n\n## Twice\n", PurePosixPath("page.md"), Links(ROOT, {}))
    assert [heading.anchor for heading in shown.headings] == ["a-b", "twice", "twice-1"]


def test_the_reference_of_the_command_line_is_what_the_commands_say_today():
    assert FILE.read_text(encoding="utf-8") == reference(), (
        "docs/cli.md is out of date; write it again: python -m staff.site.commands"
    )


def test_the_reference_of_the_command_line_names_every_command_and_option():
    text = reference()
    for command, option in [
        ("grader grade", "--seed"),
        ("grader export canvas", "--column"),
        ("grader final", "--attempts"),
    ]:
        assert f"\n## `{command}`\n" in text
        assert option in text.split(f"\n## `{command}`\n", 1)[1].split("\n## ", 1)[0]
