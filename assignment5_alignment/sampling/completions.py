"""What a sampler is asked for, and what it returns."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Completion:
    """What a model wrote after a prompt.

    `text` has no special tokens, and ends where a stop string begins, or after it where that was asked for. `token_ids`
    are those that were sampled, an end-of-text and all of the token that completed a stop string among them, so that
    training on them needs no second tokenisation. `finish_reason` is "stop" after either, "length" where neither came.
    """

    text: str
    token_ids: list[int]
    finish_reason: Literal["stop", "length"]


@dataclass(frozen=True)
class SamplingParams:
    """How to sample: names and meanings are those of vLLM.

    `temperature` 0 takes the likeliest token each time. `top_p` keeps the likeliest tokens whose probabilities first add up to
    it. `n` completions a prompt. Before `min_tokens` neither end-of-text nor a stop string ends a completion.

    Raises:
        ValueError: a value makes no sense; the message names it, and what was expected.
    """

    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    n: int = 1
    min_tokens: int = 0
    stop: tuple[str, ...] = ()
    include_stop_str_in_output: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if isinstance(self.stop, str):
            raise ValueError(f"stop is the string {self.stop!r}; expected a tuple of strings")
        object.__setattr__(self, "stop", tuple(self.stop))
        limits = {
            "max_tokens": (self.max_tokens >= 1, "at least 1"),
            "temperature": (self.temperature >= 0, "at least 0"),
            "top_p": (0 < self.top_p <= 1, "above 0 and at most 1"),
            "n": (self.n >= 1, "at least 1"),
            "min_tokens": (0 <= self.min_tokens <= self.max_tokens, "from 0 to max_tokens"),
            "stop": (all(self.stop), "strings that are not empty"),
            "seed": (self.seed >= 0, "at least 0"),
        }
        for name, (fine, expected) in limits.items():
            if not fine:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected {expected}")


def refuse_impossible(place: int, tokens: int, more: int, most: int | None) -> None:
    """Raises `ValueError` where the prompt at `place`, of `tokens` tokens, cannot be followed by `more`, `most` being all there is."""
    if not tokens:
        raise ValueError(f"prompt {place} has no tokens; expected at least one to begin with")
    if most is not None and tokens + more > most:
        raise ValueError(
            f"prompt {place} has {tokens} tokens and max_tokens is {more}; expected at most {most} together"
        )
