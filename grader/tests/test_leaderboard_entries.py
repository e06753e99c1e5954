"""What an entry must hold, packing, and verification against the tiny course's leaderboard."""

import json
import shutil
import struct
import zipfile
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from grader.errors import ConfigError, HandinError
from grader.leaderboard import track as tracks
from grader.leaderboard.entry import Manifest, check_safetensors, open_entry
from grader.leaderboard.pack import pack
from grader.leaderboard.verdict import from_json, to_json
from grader.leaderboard.verification import verify
from grader.record import RecordError
from grader.tests.boards import give_board, manifest, run_of, safetensors


@pytest.fixture
def counting(tiny):
    give_board(tiny)
    return tracks.find(tiny.root, tiny.name, "counting")


@pytest.fixture
def refusal(tiny, counting, tmp_path):
    """Why an entry with this submission.json is refused."""

    def of(text, track=counting):
        run = run_of(tiny, tmp_path / "run", 2)
        (run / "submission.json").write_text(text)
        with pytest.raises(HandinError) as caught:
            open_entry(run, tiny, track, tmp_path / "opened")
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "submission.json cannot be read as JSON"),
        ("[]", "submission.json holds no JSON object"),
        ("[" * 5000, "cannot be read as JSON"),
        (manifest(clam=1), "unknown key 'clam' (did you mean 'claim'?)"),
        (manifest(claim="3"), "'claim' is '3'; expected a number or null"),
        (manifest(claim=True), "'claim' is True; expected a number or null"),
        ('{"claim": NaN}', "'claim' is nan; expected a number or null"),
        (manifest(name=[]), "'name' is a list; expected a text"),
        (manifest(name=""), "expected a pseudonym of 1 to 40 visible characters"),
        (manifest(name=" heron"), "expected a pseudonym"),
        (manifest(name="her\u202eon"), "expected a pseudonym"),
        (manifest(name="h" * 41), "expected a pseudonym"),
        (manifest(description="x" * 501), "'description' is too long"),
        (manifest(track="speed"), "'track' is 'speed'; expected 'counting'"),
        (manifest(assignment="assignment1_basics"), "expected 'assignment0_tiny'"),
        (" " * 20_000, "has more than 16384 bytes"),
    ],
)
def test_a_wrong_manifest_is_refused_in_one_line(refusal, text, said):
    assert said in refusal(text)


def test_a_missing_file_of_the_run_is_named(refusal, counting):
    assert "run holds no model.safetensors; expected: model.safetensors" in refusal(
        manifest(), replace(counting, files=("model.safetensors",))
    )


def test_an_entry_without_code_or_manifest_is_refused(tiny, counting, tmp_path):
    run = run_of(tiny, tmp_path / "run", 2)
    shutil.rmtree(run / "code")
    with pytest.raises(HandinError, match="run holds no folder code/"):
        open_entry(run, tiny, counting, tmp_path / "a")
    (run / "submission.json").rename(run / "submision.json")
    with pytest.raises(HandinError, match=r"run holds no submission\.json; expected what"):
        open_entry(run, tiny, counting, tmp_path / "b")


def test_an_entry_that_is_too_large_is_refused(tiny, counting, tmp_path):
    run = run_of(tiny, tmp_path / "run", 2)
    (run / "code" / "large.bin").write_bytes(bytes(range(256)) * 5000)
    with pytest.raises(HandinError, match="holds too many bytes; expected at most 1 MB in all"):
        open_entry(run, tiny, counting, tmp_path / "opened")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x80\x02}q\x00.", "is a pickle or an archive"),
        (b"PK\x03\x04" + bytes(40), "is a pickle or an archive"),
        (b"", "has no header"),
        (struct.pack("<Q", 2**60) + b"{}", "has no header"),
        (struct.pack("<Q", 2) + b"[]", "has a broken header"),
        (safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(3)), "is cut off"),
        (safetensors({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}, bytes(9)), "holds more than"),
        (safetensors({"a": {"dtype": "F32"}}), "has a broken header"),
    ],
)
def test_what_is_no_safetensors_is_refused_unread(tmp_path, content, said):
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with pytest.raises(HandinError, match=said):
        check_safetensors(path, "run")


def test_what_the_library_wrote_is_taken(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.arange(6.0).reshape(2, 3), "none": torch.empty(0)}, path, metadata={"format": "pt"})
    check_safetensors(path, "run")


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_header_whose_length_begins_as_a_pickle_is_taken(tmp_path, protocol):
    length = protocol * 256 + 0x80
    empty = len(safetensors({"__metadata__": {"format": ""}})) - 8
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors({"__metadata__": {"format": "x" * (length - empty)}}))
    assert path.read_bytes()[:2] == bytes([0x80, protocol])
    check_safetensors(path, "run")


def test_a_packed_entry_is_the_same_zip_each_time_and_opens(tiny, counting, tmp_path):
    run = run_of(tiny, tmp_path / "run", 2)
    told = Manifest(tiny.name, "counting", "heron", 5.0, "by twos")
    packed = pack(tiny, counting, run, told, tmp_path / "a.zip")
    pack(tiny, counting, run, told, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert [file.name for file in packed.files] == ["code/adapters.py", "code/maths.py", "submission.json"]
    entry = open_entry(tmp_path / "a.zip", tiny, counting, tmp_path / "opened")
    assert entry.manifest == told
    assert entry.sha256 == packed.sha256


def test_staff_owned_files_are_not_packed(tiny, counting, tmp_path):
    run = run_of(tiny, tmp_path / "run", 2)
    (run / "code" / "drivers.py").write_text("mine = 1\n")
    packed = pack(tiny, counting, run, Manifest(tiny.name, "counting", "heron"), tmp_path / "a.zip")
    assert "code/drivers.py" not in [file.name for file in packed.files]


def test_without_code_of_its_own_a_run_goes_with_the_folder_of_the_assignment(tiny, counting, tmp_path):
    packed = pack(tiny, counting, None, Manifest(tiny.name, "counting", "heron"), tmp_path / "a.zip")
    assert "code/maths.py" in [file.name for file in packed.files]
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("code/maths.py") == (tiny.folder / "maths.py").read_bytes()
        assert json.loads(archive.read("submission.json"))["name"] == "heron"


def test_an_entry_is_measured_and_what_it_says_of_itself_is_kept_apart(tiny, counting, tmp_path):
    verdict = verify(tiny.root, tiny.name, counting, run_of(tiny, tmp_path / "run", 3, claim=8.0), 1)
    assert (verdict.ok, verdict.score, verdict.claim, verdict.reasons) == (True, 7.0, 8.0, ())
    assert verdict.measurements == {"first": 1.0}
    assert verdict.name == "heron"
    assert from_json(to_json(verdict), "x") == verdict


def test_an_engine_that_contains_nothing_is_told_of(tiny, counting, tmp_path):
    run = run_of(tiny, tmp_path / "run", 3)
    assert verify(tiny.root, tiny.name, counting, run, 1).notes == ("counted",)
    _, warning = verify(tiny.root, tiny.name, counting, run, 1, "plain").notes
    assert "could have read the seed" in warning


@pytest.mark.parametrize(
    ("step", "append", "changes", "said"),
    [
        (3, "", {"claim": 9.5}, "claims 9.5 number, and 7 was measured; expected a claim that holds to within 2"),
        (600, "", {}, "a score of 1201 number is impossible (the floor is 1000.0): nobody counts so fast"),
        (3, "\nraise ValueError('at home it works')\n", {}, "raised ValueError: at home it works"),
        (3, "\nimport torch\ntorch.nn.functional.relu(torch.ones(1))\n", {}, "forbids torch.nn.functional."),
        (3, "\nclass Counter(Counter):\n    def next(self):\n        return 7\n", {}, "it does not begin at 1"),
        (3, "\nclass Counter(Counter):\n    def next(self):\n        return 'x'\n", {}, "expected a list of int"),
        (3, "\nimport os\nos._exit(0)\n", {}, "ended"),
    ],
)
def test_what_does_not_count_is_refused_with_the_reason(tiny, counting, tmp_path, step, append, changes, said):
    verdict = verify(tiny.root, tiny.name, counting, run_of(tiny, tmp_path / "run", step, append, **changes), 1)
    assert (verdict.ok, verdict.score) == (False, None)
    assert said in " ".join(verdict.reasons)


def test_a_file_that_is_no_entry_has_a_verdict_too(tiny, counting, tmp_path):
    (tmp_path / "entry.zip").write_bytes(b"PK\x03\x04 cut short")
    verdict = verify(tiny.root, tiny.name, counting, tmp_path / "entry.zip", 1)
    assert not verdict.ok
    assert "entry.zip" in verdict.reasons[0]


def test_where_staff_files_are_missing_nobody_is_blamed(tiny, counting, tmp_path):
    (tiny.root / "staff" / "leaderboards" / tiny.name / "counting.py").unlink()
    with pytest.raises(
        ConfigError, match=r"counting\.py: not there; entries are verified where the course's staff files"
    ):
        verify(tiny.root, tiny.name, counting, run_of(tiny, tmp_path / "run", 3), 1)


def test_a_kept_verdict_that_somebody_changed_is_told_so():
    with pytest.raises(RecordError, match=r"verdict\.json: not valid JSON"):
        from_json("{", "verdict.json")
    with pytest.raises(RecordError, match="is missing"):
        from_json("{}", "verdict.json")
