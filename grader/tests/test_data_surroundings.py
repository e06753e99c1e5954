"""What adopted repositories find around them in assignment 4: models under the names of downloads, words without NLTK."""

import subprocess
import sys
import textwrap

import pytest

from assignment4_data.models import path
from assignment4_data.surroundings.words import ngrams, sent_tokenize, word_tokenize

SERVED = """
import fasttext
from assignment4_data.surroundings.models import serve

serve({{"lid.176.*": "language"}})
try:
{body}
except Exception as error:
    print(type(error).__name__, error)
"""


def run(folder, body):
    """What a script prints that has the models and does `body` beside the modules in `folder`."""
    text = SERVED.format(body=textwrap.indent(textwrap.dedent(body), "    "))
    command = [sys.executable, "-c", text]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", ["/data/classifiers/lid.176.bin", "LID.176.ftz", "no/such/folder/lid.176.bin"])
def test_a_download_is_found_and_loaded_by_its_name(tmp_path, name):
    body = f"""
        import os, pathlib
        print(os.path.exists({name!r}), pathlib.Path({name!r}).is_file(), os.path.exists("lid.177.bin"))
        print(fasttext.load_model({name!r}).predict("This is a sentence in English.")[0])
    """
    assert run(tmp_path, body) == "True True False\n('__label__en',)"


def test_a_download_has_its_size_and_is_loaded_by_a_text_alone(tmp_path):
    """As fastText itself takes no `Path`, code that gives one does not work anywhere."""
    assert run(tmp_path, 'import os; print(os.path.getsize("lid.176.bin") > 10**8)') == "True"
    said = run(tmp_path, 'import pathlib; fasttext.load_model(pathlib.Path("lid.176.bin"))')
    assert said.startswith("TypeError")


def test_a_model_that_is_saved_where_nothing_can_be_written_is_found_again(tmp_path):
    body = """
        import os
        fasttext.load_model("lid.176.bin").save_model("/proc/none/mine.bin")
        print(os.path.exists("/proc/none/mine.bin"), os.path.exists("/proc/none/other.bin"))
        print(fasttext.load_model("/proc/none/mine.bin").predict("This is a sentence in English.")[0])
    """
    assert run(tmp_path, body) == "True False\n('__label__en',)"


def test_a_file_that_is_there_is_taken_as_it_is(tmp_path):
    (tmp_path / "lid.176.bin").write_bytes(path("nsfw").read_bytes())
    said = run(tmp_path, 'print(sorted(fasttext.load_model("lid.176.bin").get_labels()))')
    assert said == "['__label__non-nsfw', '__label__nsfw']"


@pytest.mark.parametrize(
    ("module", "body", "expected"),
    [
        ('import fasttext\nMODEL = fasttext.load_model("mine.bin")', "import theirs; print(1)", "1"),
        (
            'import fasttext\nMODEL = fasttext.load_model("mine.bin")',
            'import theirs; theirs.MODEL.predict("a")',
            "FileNotFoundError the model mine.bin is not in the repository",
        ),
        (
            'import fasttext\ntry:\n    MODEL = fasttext.load_model("mine.bin")\nexcept ValueError:\n    MODEL = None',
            "import theirs; print(theirs.MODEL)",
            "None",
        ),
        (
            "import fasttext\n\ndef load(name):\n    try:\n        return fasttext.load_model(name)\n"
            '    except ValueError:\n        return None\n\nMODEL = load("mine.bin")',
            "import theirs; print(theirs.MODEL)",
            "None",
        ),
        (
            'import fasttext\n\ndef load():\n    return fasttext.load_model("mine.bin")',
            "import theirs; theirs.load()",
            "ValueError mine.bin cannot be opened for loading",
        ),
    ],
)  # fmt: skip
def test_a_model_that_is_missing_costs_what_uses_it(tmp_path, module, body, expected):
    """At the top of a module it would cost all that the module holds; who is prepared for it is told at once."""
    (tmp_path / "theirs.py").write_text(module + "\n")
    assert run(tmp_path, body) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, please.", ["Do", "n't", "stop", ",", "please", "."]),
        ("It's well-known: 3,000.50 (or so)...", ["It", "'s", "well-known", ":", "3,000.50", "(", "or", "so", ")", "..."]),
        ("", []),
    ],
)  # fmt: skip
def test_words(text, words):
    assert word_tokenize(text) == words


def test_sentences_and_neighbours():
    assert sent_tokenize('He said "no." Then he left. 3 of them, e.g. this one? Yes!') == [
        'He said "no."', "Then he left.", "3 of them, e.g. this one?", "Yes!",
    ]  # fmt: skip
    assert list(ngrams("abc", 2)) == [("a", "b"), ("b", "c")]
    assert list(ngrams("a", 2)) == []
