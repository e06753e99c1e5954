"""Copies are found however they are dressed up, independent work and released code are not, and no hand-in does harm."""

import ast
import base64
import builtins
import hashlib
import json
import random
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from grader import assignment as assignments
from grader.assignment import Assignment
from grader.cli import app
from grader.cli import similarity as command
from grader.errors import ConfigError
from grader.similarity import Study, opened, study
from grader.similarity.comparison import compared
from grader.similarity.fingerprint import Fingerprint, K
from grader.similarity.index import common, index
from grader.similarity.passages import passages
from grader.similarity.reader import Reader, Unread
from grader.similarity.tokens import split_lines, tokenized
from grader.similarity.writing import write

REPOSITORY = Path(__file__).parents[2]
REFERENCE = REPOSITORY / "staff" / "solutions" / "assignment1_basics"
INDEPENDENT = Path(__file__).parent / "handwritten_repository" / "cs336_basics"

SORTING = '''
def arrange(values, key=None, reverse=False):
    """Sort by merging."""
    measured = [(key(value) if key else value, at) for at, value in enumerate(values)]
    runs = [[entry] for entry in measured]
    while len(runs) > 1:
        merged = []
        for left, right in zip(runs[::2], runs[1::2]):
            joined, i, j = [], 0, 0
            while i < len(left) and j < len(right):
                if left[i] <= right[j]:
                    joined.append(left[i]); i += 1
                else:
                    joined.append(right[j]); j += 1
            merged.append(joined + left[i:] + right[j:])
        if len(runs) % 2:
            merged.append(runs[-1])
        runs = merged
    ordered = [values[at] for _, at in (runs[0] if runs else [])]
    return ordered[::-1] if reverse else ordered
'''
SEARCHING = """
class Trie:
    def __init__(self):
        self.root = {}

    def add(self, word, payload):
        node = self.root
        for letter in word.lower():
            node = node.setdefault(letter, {})
        node["$"] = node.get("$", ()) + (payload,)

    def complete(self, prefix, limit=10):
        node = self.root
        for letter in prefix.lower():
            if letter not in node:
                return []
            node = node[letter]
        stack, found = [node], []
        while stack and len(found) < limit:
            top = stack.pop()
            found.extend(top.get("$", ()))
            stack.extend(child for letter, child in sorted(top.items(), reverse=True) if letter != "$")
        return found[:limit]
"""


class Renamed(ast.NodeTransformer):
    """Every name that is not Python's own, replaced by another."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("id", "arg", "attr", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str) and not name.startswith("__") and not hasattr(builtins, name):
                setattr(node, field, self.names.setdefault(name, f"name{len(self.names)}"))
        return node


def parsed(sources: Mapping[str, str]) -> dict[str, ast.Module]:
    return {name: ast.parse(source) for name, source in sources.items()}


def unparsed(trees: Mapping[str, ast.Module]) -> dict[str, str]:
    return {name: ast.unparse(tree) for name, tree in trees.items()}


def renamed(sources: dict[str, str]) -> dict[str, str]:
    names = Renamed()
    return unparsed({name: names.visit(tree) for name, tree in parsed(sources).items()})


def without_docstrings(sources: dict[str, str]) -> dict[str, str]:
    trees = parsed(sources)
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and ast.get_docstring(node):
                node.body = node.body[1:] or [ast.Pass()]
    return unparsed(trees)


def commented(sources: dict[str, str]) -> dict[str, str]:
    return {
        name: "".join(f"{line}  # so far {at}\n" if line.endswith((")", ",")) else f"{line}\n" for at, line in enumerate(text.split("\n")))
        for name, text in sources.items()
    }  # fmt: skip


def reordered(sources: dict[str, str]) -> dict[str, str]:
    order, trees = random.Random(336), parsed(sources)
    for tree in trees.values():
        order.shuffle(tree.body)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                order.shuffle(node.body)
    return unparsed(trees)


def in_one_file(sources: dict[str, str]) -> dict[str, str]:
    return {"everything.py": "\n\n".join(sources.values())}


def split_up(sources: dict[str, str]) -> dict[str, str]:
    statements = [statement for tree in parsed(sources).values() for statement in tree.body]
    return unparsed({f"part_{at}.py": ast.Module(statements[at::9], []) for at in range(9)})


def all_at_once(sources: dict[str, str]) -> dict[str, str]:
    return split_up(reordered(renamed(without_docstrings(sources))))


DRESSINGS = (renamed, without_docstrings, commented, reordered, in_one_file, split_up, all_at_once)


def lay(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True)
    for name, text in {"adapters.py": "", **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def python_files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"}


def shares(found: Study, a: str, b: str) -> tuple[float, float]:
    """What of a is in b, and what of b is in a, whether or not they were reported."""
    number = {one.name: at for at, one in enumerate(found.handins)}
    pair = compared(number[a], number[b], found.fingerprints[number[a]], found.fingerprints[number[b]])
    return pair.share_a, pair.share_b


@pytest.fixture(scope="module")
def basics(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The reference of assignment 1, its copies in disguise, and an independent solution, compared."""
    folder = tmp_path_factory.mktemp("basics")
    sources = python_files(REFERENCE)
    batch = [lay(folder / "reference", sources), lay(folder / "independent", python_files(INDEPENDENT))]
    batch += [lay(folder / dressing.__name__, dressing(dict(sources))) for dressing in DRESSINGS]
    course = assignments.load(REPOSITORY, "assignment1_basics")
    stubs = {path.name: path.read_text() for path in course.folder.glob("*.py") if path.name != "drivers.py"}
    batch.append(lay(folder / "stubs", stubs))
    return study(course, batch, [], folder / "scratch", least=0.4, jobs=2)


Compare = Callable[..., Study]
NOTHING: Mapping[str, Mapping[str, str]] = {}


@pytest.fixture
def compare(tiny: Assignment, tmp_path: Path) -> Compare:
    """Compares hand-ins of the tiny assignment, given as files by name, at once."""

    def of(
        batch: Mapping[str, Mapping[str, str]], corpus: Mapping[str, Mapping[str, str]] = NOTHING, **options: object
    ) -> Study:
        now = [lay(tmp_path / "batch" / name, files) for name, files in batch.items()]
        earlier = [lay(tmp_path / "corpus" / name, files) for name, files in corpus.items()]
        return study(tiny, now, earlier, tmp_path / "scratch", **{"least": 0.4, "jobs": 1, **options})

    return of


def names(found: Study) -> list[tuple[str, str]]:
    return [(found.handins[pair.a].name, found.handins[pair.b].name) for pair in found.pairs]


@pytest.mark.parametrize("dressing", [dressing.__name__ for dressing in DRESSINGS])
def test_a_copy_in_disguise_is_found(basics: Study, dressing: str) -> None:
    least = {"commented": 0.999, "in_one_file": 0.95}.get(dressing, 0.7)
    assert max(shares(basics, "reference", dressing)) > least
    assert ("reference", dressing) in names(basics)


def test_independent_solutions_are_not_alike(basics: Study) -> None:
    assert max(shares(basics, "reference", "independent")) < 0.25
    assert not [pair for pair in names(basics) if "independent" in pair]


def test_released_stubs_and_adapters_count_for_nobody(basics: Study) -> None:
    number = [one.name for one in basics.handins].index("stubs")
    assert basics.fingerprints[number].token_coverage == 0
    assert [(note.name, note.text) for note in basics.notes] == [("stubs", "hardly any code beyond what was released")]


def test_code_of_the_handout_counts_for_nobody(tiny: Assignment, compare: Compare) -> None:
    handout = tiny.folder / "README.md"
    handout.write_text(f"{handout.read_text()}\n```python\n{SORTING}```\n")
    assert compare({"first": {"a.py": SORTING}, "second": {"b.py": SORTING}}).pairs == ()


def test_a_copy_among_code_of_ones_own_counts_by_what_it_is_of_the_copied(compare: Compare) -> None:
    padding = without_docstrings(python_files(INDEPENDENT))
    found = compare({"short": {"a.py": SORTING}, "long": {"b.py": SORTING, **padding}})
    assert [(pair.share_a > 0.9, pair.share_b < 0.3) for pair in found.pairs] == [(True, True)]


def test_earlier_hand_ins_are_compared_with_the_batch_and_not_with_each_other(compare: Compare) -> None:
    found = compare({"now": {"a.py": SORTING}}, {"then": {"b.py": SORTING}, "before": {"c.py": SORTING}})
    assert sorted(names(found)) == [("now", "before"), ("now", "then")]
    assert (found.batch, found.corpus) == (1, 2)


def test_a_hand_in_of_the_batch_that_lies_in_the_corpus_too_is_not_compared_with_itself(
    tiny: Assignment, tmp_path: Path
) -> None:
    folder = [lay(tmp_path / "first", {"a.py": SORTING}), lay(tmp_path / "second", {"a.py": SEARCHING})]
    found = study(tiny, folder, folder, tmp_path / "scratch", least=0.4, jobs=1)
    assert (found.corpus, found.pairs) == (0, ())


def test_what_staff_owns_does_not_count(compare: Compare) -> None:
    assert compare({"first": {"drivers.py": SORTING}, "second": {"drivers.py": SORTING}}).pairs == ()


def test_passages_name_the_lines_that_are_alike(compare: Compare) -> None:
    found = compare({"first": {"a.py": SORTING}, "second": {"b.py": f"{SEARCHING}\n\n{SORTING}"}})
    (passage,) = found.evidence(found.pairs[0])
    above = SEARCHING.count("\n") + 2
    assert (passage.a.file, passage.a.first, passage.a.last) == ("a.py", 2, SORTING.count("\n"))
    assert (passage.b.file, passage.b.first, passage.b.last) == ("b.py", 2 + above, above + SORTING.count("\n"))


def test_passages_cover_what_the_figures_count(basics: Study) -> None:
    for pair in basics.pairs[:5]:
        assert sum(passage.tokens for passage in basics.evidence(pair)) == pytest.approx(pair.tokens, rel=0.15)


def test_no_line_is_in_two_passages_twice_over(compare: Compare) -> None:
    found = compare({"first": {"a.py": SORTING * 2}, "second": {"b.py": SORTING}})
    (passage,) = found.evidence(found.pairs[0])
    assert passage.tokens <= len(tokenized(SORTING)[0])


@pytest.mark.timeout(120)  # every passage against every other would take hours
def test_one_line_without_end_is_compared_in_no_time(compare: Compare) -> None:
    flood = "".join(f"total{'[0]' * at} = total + price * amount\n" for at in range(20)) * 300
    found = compare({"first": {"a.py": flood}, "second": {"b.py": flood}})
    assert found.evidence(found.pairs[0])


def test_a_file_that_exhausts_the_reader_costs_its_own_hand_in_only(compare: Compare) -> None:
    bomb = "x = f'{" + "(" * 250_000
    found = compare(
        {"first": {"a.py": SORTING}, "hostile": {"a.py": bomb}, "second": {"a.py": SORTING}},
        readers=lambda: Reader(seconds=0.3),
    )
    assert names(found) == [("first", "second")]
    assert [(note.name, note.left_out) for note in found.notes] == [("hostile", True)]
    assert found.notes[0].text == "not compared: took more than 0.3 s to read"


def test_a_file_that_needs_too_much_memory_costs_its_own_hand_in_only(compare: Compare) -> None:
    found = compare(
        {"first": {"a.py": SORTING}, "hostile": {"a.py": "x = (" + "1, " * 150_000}, "second": {"a.py": SORTING}},
        readers=lambda: Reader(memory_mb=8),
    )
    assert names(found) == [("first", "second")]
    assert re.match(r"not compared: (ran into the limits|ended the process)", found.notes[0].text)


def test_a_reader_whose_process_died_says_so_and_starts_another() -> None:
    reader = Reader()
    try:
        reader.fingerprint([("a.py", SORTING)])
        reader._child.kill()
        reader._child.wait()
        with pytest.raises(Unread, match=r"ended the process that read it \(code -9\)"):
            reader.fingerprint([("a.py", SORTING)])
        assert len(reader.fingerprint([("a.py", SORTING)]).hashes) > 5
    finally:
        reader.close()


def test_processes_agree_on_hashes() -> None:
    first, second = Reader(), Reader()
    try:
        prints = [reader.fingerprint([("a.py", SORTING)]) for reader in (first, second)]
        assert prints[0].hashes == prints[1].hashes
    finally:
        first.close()
        second.close()


def test_a_file_of_too_many_bytes_is_left_out_and_named(compare: Compare) -> None:
    found = compare({"first": {"a.py": SORTING, "big.py": "#" * (opened.FILE_BYTES + 1)}, "second": {"a.py": SORTING}})
    assert names(found) == [("first", "second")]
    assert [(note.name, note.left_out) for note in found.notes] == [("first", False)]
    assert found.notes[0].text.endswith("in all: big.py")


def test_a_hand_in_that_is_refused_is_named_and_the_others_are_compared(compare: Compare, tmp_path: Path) -> None:
    folder = lay(tmp_path / "batch" / "linked", {})
    (folder / "a.py").symlink_to("/etc/passwd")
    found = compare({"first": {"a.py": SORTING}, "second": {"a.py": SORTING}})
    again = study(
        assignments.load(tmp_path / "course", "assignment0_tiny"), [folder, *folder.parent.glob("[fs]*")], [],
        tmp_path / "scratch2", least=0.4, jobs=1,
    )  # fmt: skip
    assert len(found.pairs) == len(again.pairs) == 1
    assert [(note.name, note.left_out) for note in again.notes] == [("linked", True)]


def test_nothing_of_a_hand_in_is_run(compare: Compare, tmp_path: Path) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'w').close()\n"
    traps = dict.fromkeys(("a.py", "sitecustomize.py", "copydetect.py", "pygments.py"), trap)
    assert compare({"first": traps, "second": traps}).batch == 2
    assert not (tmp_path / "sprung").exists()


def fingerprint(*hashes: int) -> Fingerprint:
    at = np.arange(len(hashes))
    return Fingerprint(("a.py",), (0,), np.ones(len(hashes) + K, dtype=np.int64), np.array(hashes), at)


def test_what_much_of_a_large_class_has_is_common_knowledge() -> None:
    large = [fingerprint(1, 2 if number < 13 else 3, 1000 + number) for number in range(40)]
    assert common(large).tolist() == [1, 2, 3]
    assert common(large[:12]).tolist() == []


def test_a_ring_in_a_small_class_is_no_common_knowledge() -> None:
    assert common([fingerprint(1) for _ in range(12)]).tolist() == []
    assert common([fingerprint(1) for _ in range(13)]).tolist() == [1]


def test_common_knowledge_makes_nobody_alike(compare: Compare) -> None:
    everyone = {f"hand-in {number}": {"a.py": SORTING} for number in range(14)}
    found = compare({**everyone, "first": {"a.py": SEARCHING}, "second": {"a.py": SEARCHING}})
    assert names(found) == [("first", "second")]
    assert found.common > 20
    assert ("hand-in_3", "hardly any code beyond what is common in the class") in [
        (n.name, n.text) for n in found.notes
    ]


def test_docstrings_and_semicolons_are_no_tokens() -> None:
    assert (
        tokenized('def f():\n    """Why."""\n    a = 1; b = 2\n')[0] == tokenized("def f():\n    a = 1\n    b = 2")[0]
    )


def test_only_pairs_that_share_enough_are_candidates() -> None:
    shared = tuple(range(20))
    found = index(
        [fingerprint(*shared, *range(100, 110)), fingerprint(*shared), fingerprint(*range(200, 255), *range(8))]
    )
    assert found.candidates(0.9) == [(0, 1)]
    assert found.shared[0, 1] == 20
    assert found.sizes.tolist() == [30, 20, 63]


def test_windows_in_step_are_one_passage_and_a_gap_parts_two() -> None:
    a = fingerprint(*range(10), *range(500, 550), *range(20, 30))
    b = fingerprint(*range(10), *range(600, 650), *range(20, 30))
    assert [passage.tokens for passage in passages(a, b)] == [9 + K, 9 + K]


@given(st.text(max_size=300))
def test_whatever_a_file_says_it_has_tokens_with_lines(text: str) -> None:
    tokens, lines = tokenized(text)
    assert len(tokens) == len(lines)
    assert all(1 <= line <= len(split_lines(text)) for line in lines)
    assert lines == sorted(lines)


def test_tokens_know_their_lines_whatever_ends_them() -> None:
    assert tokenized("a = 1\r\n\r\n'''x\ny'''\rb")[1] == [1, 1, 1, 5]
    assert tokenized("# x\n\nclass Long:\n    pass\n")[1] == [3, 3, 3, 4]


PARTS = ("--out", "report")


@pytest.fixture
def run(tiny: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    monkeypatch.chdir(tiny.root)
    return lambda *words: CliRunner().invoke(app, ["similarity", tiny.name, *words], catch_exceptions=False)


def test_the_command_writes_the_report_and_prints_the_pairs(run, tiny, tmp_path) -> None:
    lay(tmp_path / "in" / "first", {"a.py": SORTING})
    lay(tmp_path / "in" / "second", {"a.py": re.sub("values|joined|merged|key", "renamed", SORTING)})
    lay(tmp_path / "in" / "third", {"a.py": SEARCHING})
    ended = run(str(tmp_path / "in"), *PARTS)
    assert ended.exit_code == 0
    assert re.search(r"first +100 % +second +100 %", ended.stdout)
    data = json.loads((tiny.root / "report" / "similarity.json").read_text())
    (pair,) = data["pairs"]
    assert (pair["a"], pair["b"], pair["percent_of_a"], pair["corpus"]) == ("first", "second", 100.0, False)
    assert pair["passages"][0]["a"] == {"file": "a.py", "first_line": 2, "last_line": 20}
    assert (data["hand_ins"], data["corpus"], data["least_percent"]) == (3, 0, 40.0)
    overview = (tiny.root / "report" / "similarity.html").read_text()
    assert 'href="similarity/0001.html"' in overview
    assert (tiny.root / "report" / "similarity" / "0001.html").is_file()


def test_json_is_all_that_json_prints_and_a_refused_hand_in_ends_with_1(run, tmp_path) -> None:
    for name in ("first", "second"):
        lay(tmp_path / "in" / name, {"a.py": SORTING})
    (tmp_path / "in" / "torn.zip").write_bytes(b"PK\x03\x04")
    ended = run(str(tmp_path / "in"), "--json", *PARTS)
    assert ended.exit_code == 1
    data = json.loads(ended.stdout)
    assert [(note["name"], note["left_out"]) for note in data["notes"]] == [("torn", True)]
    assert len(data["pairs"]) == 1


def test_least_decides_what_is_reported_and_pages_of_an_earlier_run_go(run, tiny, tmp_path) -> None:
    lay(tmp_path / "in" / "first", {"a.py": SORTING + SEARCHING})
    lay(tmp_path / "in" / "second", {"a.py": SORTING, "b.py": "\n".join(python_files(INDEPENDENT).values())})
    assert len(json.loads(run(str(tmp_path / "in"), "--json", "--least", "20", *PARTS).stdout)["pairs"]) == 1
    assert (tiny.root / "report" / "similarity" / "0001.html").is_file()
    assert json.loads(run(str(tmp_path / "in"), "--json", "--least", "90", *PARTS).stdout)["pairs"] == []
    assert not (tiny.root / "report" / "similarity" / "0001.html").exists()


def test_a_corpus_is_named_as_such(run, tiny, tmp_path) -> None:
    lay(tmp_path / "now", {"a.py": SORTING})
    lay(tmp_path / "old" / "one", {"a.py": SORTING})
    lay(tmp_path / "old" / "two", {"a.py": SEARCHING})
    ended = run(str(tmp_path / "now"), "--corpus", str(tmp_path / "old"), *PARTS)
    assert re.search(r"now +100 % +one \(earlier\)", ended.stdout)
    assert "earlier</span>" in (tiny.root / "report" / "similarity.html").read_text()


def test_one_hand_in_alone_is_an_error_in_one_line(run, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"^1 hand-in to compare; expected two or more, or a --corpus$"):
        run(str(lay(tmp_path / "alone", {"a.py": SORTING})), *PARTS)


def test_a_machine_without_copydetect_is_told_what_to_install(run, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"needs the package copydetect: pip install '\.\[similarity\]'$"):
        run(str(tmp_path), *PARTS)


def test_what_hand_ins_say_does_not_act_in_the_pages(tiny: Assignment, compare: Compare, tmp_path: Path) -> None:
    evil = SORTING.replace("values", "values, note='<script>alert(1)</script>\u202e\x1b[31m</code></table>'", 1)
    name, file = "<b>x&y", "<img src=x>.py"
    found = compare({name: {file: evil}, "second": {file: evil}})
    page, _ = write(tiny, found, tmp_path / "report")
    pages = [page, *(tmp_path / "report" / "similarity").glob("*.html")]
    assert len(pages) == 2
    for text in (each.read_text(encoding="utf-8") for each in pages):
        assert "<script" not in text
        assert "<img" not in text
        assert not re.search("[\u202e\x1b]", text)
        assert "Content-Security-Policy" in text
        assert "default-src 'none'; style-src 'sha256-" in text
        assert not re.search(r"(?:src|href)=\"(?:https?:|//|data:|javascript:)", text)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[1].read_text(encoding="utf-8")
    assert "&lt;img src=x&gt;.py" in pages[1].read_text(encoding="utf-8")


def test_the_style_sheet_is_the_one_that_the_policy_allows(tiny: Assignment, compare: Compare, tmp_path: Path) -> None:
    page, _ = write(tiny, compare({"first": {"a.py": SORTING}, "second": {"a.py": SORTING}}), tmp_path / "report")
    text = page.read_text(encoding="utf-8")
    style = re.search("<style>(.*?)</style>", text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in text


def test_a_long_passage_is_cut_and_says_by_how_much(tiny: Assignment, compare: Compare, tmp_path: Path) -> None:
    long = "".join(python_files(INDEPENDENT).values())
    found = compare({"first": {"a.py": long}, "second": {"a.py": long}})
    write(tiny, found, tmp_path / "report")
    text = (tmp_path / "report" / "similarity" / "0001.html").read_text(encoding="utf-8")
    assert re.search(r"\d+ more lines", text)
    assert text.count("<tr") <= 2 * 150
    shutil.rmtree(tmp_path / "scratch")
