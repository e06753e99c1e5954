"""One model, trained and written by a process of its own: `python -m assignment4_data.models.training nsfw nsfw.ftz`.

A second training in the process that has quantized a model gives other bytes, or NaN: hence a process each. One thread
and a fixed seed make the file the same to the byte each time on the same machine.
"""

import sys
import tempfile
from pathlib import Path

from assignment4_data.models.examples import labelled
from assignment4_data.models.files import ModelMissingError

SEED, COUNT = 20, 4000


def train(name: str, path: Path) -> None:
    """Trains the classifier `name` on `COUNT` labelled texts, and writes the quantized model to `path`.

    Raises:
        ModelMissingError: if fastText cannot train here.
    """
    fasttext = trainer()
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as file:
        for label, text in labelled(name, SEED, COUNT):
            file.write(f"__label__{label} {text}\n")
        file.flush()
        settings = {"dim": 8, "epoch": 20, "lr": 0.4, "wordNgrams": 2, "bucket": 20_000, "minCount": 2}
        model = fasttext.train_supervised(file.name, **settings, loss="softmax", seed=SEED, thread=1, verbose=0)
        model.quantize(file.name, cutoff=10_000, retrain=True, thread=1, verbose=0)
    model.save_model(str(path))


def trainer():  # type: ignore[no-untyped-def]  # fastText has no types
    """The module fasttext, if it can train.

    Raises:
        ModelMissingError: if it is missing (it has no wheel for Python 3.13), or if fasttext-predict lies over it.
    """
    try:
        import fasttext
    except ImportError:
        raise ModelMissingError(
            "fasttext-numpy2-wheel is not installed; it has wheels for Python 3.11 and 3.12 on Linux: use one of these"
        ) from None
    if not hasattr(fasttext, "train_supervised"):
        raise ModelMissingError(
            "fasttext-predict lies over fasttext-numpy2-wheel and cannot train: "
            "pip install --force-reinstall --no-deps fasttext-numpy2-wheel"
        )
    return fasttext


if __name__ == "__main__":
    train(sys.argv[1], Path(sys.argv[2]))
