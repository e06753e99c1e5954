"""The models of assignment 4: the shipped files are the ones that were meant, small, and made again by the command."""

import hashlib
import sys

import fasttext
import pytest

from assignment4_data import models
from assignment4_data.models import __main__ as command
from assignment4_data.models import training


@pytest.mark.parametrize("name", models.CHECKSUMS)
def test_the_file_is_the_one_that_was_meant(name):
    assert hashlib.sha256(models.path(name).read_bytes()).hexdigest() == models.CHECKSUMS[name]


def test_what_is_shipped_is_small():
    sizes = [models.path(name).stat().st_size for name in command.TRAINED]
    assert max(sizes) <= 200_000
    assert sum(sizes) <= 600_000


@pytest.mark.slow
def test_the_command_makes_the_same_bytes_twice(tmp_path, capsys):
    """Where fastText cannot train (it has no wheel for Python 3.13), the command says so in one line."""
    if not hasattr(fasttext, "train_supervised"):
        with pytest.raises(SystemExit):
            command.main(["--out", str(tmp_path)])
        assert "cannot train" in capsys.readouterr().err
        return
    for folder in ("one", "two"):
        command.main(["--out", str(tmp_path / folder)])
    for name in command.TRAINED:
        one, two = ((tmp_path / folder / f"{name}.ftz").read_bytes() for folder in ("one", "two"))
        assert one == two


@pytest.mark.parametrize("name", models.LABELS)
def test_labelled_texts_are_the_same_each_time_balanced_and_of_one_length(name):
    pairs = list(models.labelled(name, 7, 200))
    assert pairs == list(models.labelled(name, 7, 200))
    assert pairs[:51] == list(models.labelled(name, 7, 51))
    assert [label for label, _ in pairs] == list(models.LABELS[name]) * 100
    texts = [text for _, text in pairs]
    assert all("\n" not in text and text for text in texts)
    lengths = [len(text.split()) for text in texts]
    assert lengths[::2] == lengths[1::2]
    assert len(set(lengths)) > 30


def test_the_command_writes_labelled_texts(tmp_path):
    command.main(["--out", str(tmp_path), "--examples", "quality", "--count", "20"])
    lines = (tmp_path / "quality.txt").read_text("utf-8").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["__label__wiki", "__label__cc"] * 10


def test_a_model_that_is_not_there_is_named():
    with pytest.raises(models.ModelMissingError, match="no model 'beauty'; there are language, nsfw, toxic"):
        models.path("beauty")


def test_a_missing_fasttext_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "fasttext", None)
    with pytest.raises(models.ModelMissingError, match=r"fasttext-numpy2-wheel is not installed.*3\.11 and 3\.12"):
        training.trainer()


def test_a_fasttext_that_cannot_train_is_one_line_that_says_what_to_do(monkeypatch):
    monkeypatch.delattr(fasttext, "train_supervised")
    with pytest.raises(models.ModelMissingError, match="pip install --force-reinstall --no-deps fasttext-numpy2-wheel"):
        training.trainer()
