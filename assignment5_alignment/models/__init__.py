"""Small language models and tokenizers in Hugging Face's formats: the shipped files, and the code that made them.

`tokenizer(name)` and `causal_lm(name)` give new objects; `weights(name)` plain tensors. `load(folder)` takes real models by
the same code. `python -m assignment5_alignment.models --out DIR` makes all files again, byte for byte.
"""

from assignment5_alignment.models.files import ModelMissingError, causal_lm, load, path, tokenizer, weights
from assignment5_alignment.models.parameters import CONFIGS as MODELS
from assignment5_alignment.models.tokenizers import CONFIGS as TOKENIZERS

__all__ = ["MODELS", "TOKENIZERS", "ModelMissingError", "causal_lm", "load", "path", "tokenizer", "weights"]
