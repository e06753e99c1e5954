"""From WET files to the tokens of a training: the pipeline, without what the model is going to be tested on."""

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from assignment4_data.contamination import contaminated_documents
from assignment4_data.pipeline import filter_pipeline
from assignment4_data.tokenization import tokenize_corpus
from assignment4_data.training import ByteTokenizer


def make_training_data(wet_paths: list[os.PathLike], validation_documents: list[str], path: os.PathLike) -> int:
    """Write the tokens to train on to `path`, a flat file as in `tokenize_data`; the number of ids written."""
    with tempfile.TemporaryDirectory() as folder:
        filter_pipeline(wet_paths, folder)
        documents = list(kept_texts(Path(folder)))
    known = set(contaminated_documents(documents, validation_documents))
    clean = [document for number, document in enumerate(documents) if number not in known]
    return tokenize_corpus(clean, ByteTokenizer(), path)


def kept_texts(folder: Path) -> Iterator[str]:
    """The texts of all documents that a pipeline left in `folder`, the files by name."""
    for file in sorted(folder.glob("*.jsonl")):
        with file.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield json.loads(line)["text"]
