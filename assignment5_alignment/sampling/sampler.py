"""The sampler: batches of prompts, tokens until an end, and the policy's weights whenever they have changed."""

import copy
from dataclasses import dataclass, field
from typing import Any

import torch

from assignment5_alignment.sampling.chance import choose, uniforms
from assignment5_alignment.sampling.completions import Completion, SamplingParams, refuse_impossible
from assignment5_alignment.sampling.forward import forward


@dataclass
class _Row:
    """A completion that is being written."""

    chances: torch.Tensor
    prompt: list[int]
    token_ids: list[int] = field(default_factory=list)
    ended: bool = False


class Sampler:
    """Samples from its own copy of a model; `sync_policy_weights` brings that up to date.

    `model` is a causal model of Hugging Face's, or any module with `model(ids)` of logits, (rows, length, vocabulary), or of
    an object that has them as `.logits`. `tokenizer` needs `encode(text)`, `decode(ids, skip_special_tokens=True)` and
    `eos_token_id`. `batch_size` is how many completions are written at once.
    """

    def __init__(self, model: torch.nn.Module, tokenizer: Any, batch_size: int = 64) -> None:
        self._model = copy.deepcopy(model).eval().requires_grad_(False)
        self._tokenizer = tokenizer
        self._batch_size = batch_size
        self._device = next((p.device for p in self._model.parameters()), torch.device("cpu"))

    def sync_policy_weights(self, policy: torch.nn.Module) -> None:
        """From now on sample from the weights that `policy` has now."""
        self._model.load_state_dict(policy.state_dict())

    @torch.no_grad()
    def generate_completions(self, prompts: list[str], params: SamplingParams) -> list[Completion]:
        """`params.n` completions of each prompt: those of the first prompt, those of the second, and so on.

        Raises:
            ValueError: a prompt has no tokens, or with `params.max_tokens` more than the model has positions for.
        """
        most = getattr(getattr(self._model, "config", None), "max_position_embeddings", None)
        rows = []
        for place, prompt in enumerate(prompts):
            ids = list(self._tokenizer.encode(prompt))
            refuse_impossible(place, len(ids), params.max_tokens, most)
            for sample in range(params.n):
                rows.append(_Row(uniforms(params.seed, place, sample, params.max_tokens), ids))
        for start in range(0, len(rows), self._batch_size):
            self._write(rows[start : start + self._batch_size], params)
        return [self._completion(row, params) for row in rows]

    def _write(self, rows: list[_Row], params: SamplingParams) -> None:
        """Token after token for all rows at once; a row that has ended leaves the batch."""
        ahead = forward(self._model, [row.prompt for row in rows], self._device)
        logits = ahead.first()
        for step in range(params.max_tokens):
            if step < params.min_tokens and self._tokenizer.eos_token_id is not None:
                logits[:, self._tokenizer.eos_token_id] = -torch.inf
            chances = torch.stack([row.chances[step] for row in rows]).to(self._device)
            tokens = choose(logits, params.temperature, params.top_p, chances)
            for row, token in zip(rows, tokens.tolist(), strict=True):
                row.token_ids.append(token)
                row.ended = self._ends(row, params)
            keep = [place for place, row in enumerate(rows) if not row.ended]
            if not keep or step + 1 == params.max_tokens:
                return
            logits = ahead.next(tokens, torch.tensor(keep, device=self._device))
            rows = [rows[place] for place in keep]

    def _ends(self, row: _Row, params: SamplingParams) -> bool:
        if len(row.token_ids) < params.min_tokens:
            return False
        if row.token_ids[-1] == self._tokenizer.eos_token_id:
            return True
        # A stop string that the last token completed lies within as many tokens as it has bytes, each having at least one.
        reach = max((len(stop.encode()) for stop in params.stop), default=0)
        return bool(reach) and self._stopped(row.token_ids[-reach:], params.stop) is not None

    def _stopped(self, token_ids: list[int], stops: tuple[str, ...]) -> tuple[int, str] | None:
        """Where in the text of `token_ids` the first stop string begins that the last token completed, and which."""
        text = self._text(token_ids)
        # Bytes of a character that was not whole yet are shown as U+FFFD, and become another number of characters.
        before = len(self._text(token_ids[:-1]).rstrip("\ufffd"))
        found = ((text.find(stop, max(before - len(stop) + 1, 0)), stop) for stop in stops)
        return min(((at, stop) for at, stop in found if at >= 0), default=None)

    def _text(self, token_ids: list[int]) -> str:
        return self._tokenizer.decode(token_ids, skip_special_tokens=True)

    def _completion(self, row: _Row, params: SamplingParams) -> Completion:
        text = self._text(row.token_ids)
        stopped = row.ended and row.token_ids[-1] != self._tokenizer.eos_token_id
        if stopped and (found := self._stopped(row.token_ids, params.stop)):
            at, stop = found
            text = text[: at + len(stop) * params.include_stop_str_in_output]
        return Completion(text, row.token_ids, "stop" if row.ended else "length")
