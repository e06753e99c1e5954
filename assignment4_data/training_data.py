"""From WET files to the tokens of a training: the pipeline, without what the model is going to be tested on."""

import os


def make_training_data(wet_paths: list[os.PathLike], validation_documents: list[str], path: os.PathLike) -> int:
    """Write the tokens to train on to `path`, a flat file as in `tokenize_data`; the number of ids written.

    The tokenizer is `assignment4_data.training.ByteTokenizer`. The documents are those of the WET files that are worth it; none
    of them shares 13 words in a row with one of `validation_documents`.
    """
    raise NotImplementedError("train_model: write make_training_data in assignment4_data/training_data.py")
