"""Pages like those that people refer to, and the others: a classifier of our own.

`quality.ftz` was made by `python -m assignment4_data.quality examples/quality.txt`, from labelled texts that
`python -m assignment4_data.models --examples quality --count 6000 --out examples` writes.
"""

import re
import sys
from functools import cache
from pathlib import Path

import fasttext

LABEL = "__label__"
MODEL = Path(__file__).parent / "quality.ftz"
_NUMBER = re.compile(r"\d+")
_MARK = re.compile(r"([^\w\s])")


def classify_quality(text: str) -> tuple[str, float]:
    """ "wiki" or "cc", and the probability of that label."""
    labels, scores = _model().predict(prepared(text))
    return labels[0].removeprefix(LABEL), min(1.0, float(scores[0]))


def prepared(text: str) -> str:
    """One line in lower case, marks apart from words, every number alike: the form in which the model sees a text."""
    return " ".join(_MARK.sub(r" \1 ", _NUMBER.sub("0", text.lower())).split())


def train(examples: Path, model: Path) -> None:
    """Trains on lines of a label and a text, and writes the quantized model to `model`."""
    lines = (line.partition(" ") for line in examples.read_text("utf-8").splitlines())
    training = model.with_suffix(".train")
    training.write_text("".join(f"{label} {prepared(text)}\n" for label, _, text in lines), "utf-8")
    settings = {"dim": 8, "epoch": 8, "lr": 0.2, "wordNgrams": 2, "bucket": 20_000, "minCount": 3}
    trained = fasttext.train_supervised(str(training), **settings, seed=1, thread=1, verbose=0)
    trained.quantize(str(training), cutoff=10_000, retrain=True, thread=1, verbose=0)
    trained.save_model(str(model))
    training.unlink()


@cache
def _model() -> fasttext.FastText._FastText:
    return fasttext.load_model(str(MODEL))


if __name__ == "__main__":
    train(Path(sys.argv[1]), MODEL)
