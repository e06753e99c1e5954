"""The fixed small model: the next byte out of the eight before it, by one hidden layer; about 65 thousand parameters.

The leaderboard's track for a GPU trains a larger one of the same form, on more bytes.
The architecture is that of Bengio et al. 2003 ("A neural probabilistic language model", equation 1, without its direct
connections): a few seconds of one processor are enough to tell good data from bad. A transformer would need minutes.
"""

import torch
from torch import Tensor, nn

from assignment4_data.training.tokens import ByteTokenizer

CONTEXT = 8
"""Ids that the model sees before the one it predicts."""


class SmallModel(nn.Module):
    """Logits of the id that follows each row of `context` ids."""

    def __init__(self, width: int = 16, hidden: int = 160, context: int = CONTEXT) -> None:
        super().__init__()
        self.embedding = nn.Embedding(ByteTokenizer.vocabulary_size, width)
        self.hidden = nn.Linear(context * width, hidden)
        self.head = nn.Linear(hidden, ByteTokenizer.vocabulary_size)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(torch.tanh(self.hidden(self.embedding(ids).flatten(1))))
