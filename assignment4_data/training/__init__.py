"""The fixed model and script of `train_model`: what is compared is the data, so everything else stays as it is.

`python -m assignment4_data.training TOKENS --validation TEXT` trains and prints the loss. The tokenizer is the simplest
there is, so that no choice of a vocabulary hides in a result. Not covered: training a good model.
"""

from assignment4_data.training.tokens import ByteTokenizer, documents_of, read_tokens, write_tokens

__all__ = ["ByteTokenizer", "documents_of", "read_tokens", "write_tokens"]
