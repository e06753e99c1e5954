"""A stand-in for the library vLLM, written from what vLLM documents: same names, same parameters, nothing else accepted.

`module(version)` is the module `vllm` of 0.8.5 or of 0.19.1; between them the parameters of its classes changed. It runs a model of
Hugging Face's, whole rows at a time and in an order of its own, keeps the logits of prompts that it has seen as a prefix cache
keeps theirs, and ends completions as vLLM's detokeniser does. Not covered: speed, memory, and whatever is not documented.
"""

import os
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, make_dataclass
from pathlib import Path
from typing import Any

import torch

from assignment5_alignment.models import load

SHARED_PARAMS: dict[str, Any] = {
    "n": 1, "presence_penalty": 0.0, "frequency_penalty": 0.0, "repetition_penalty": 1.0, "temperature": 1.0,
    "top_p": 1.0, "min_p": 0.0, "seed": None, "stop": None, "stop_token_ids": None, "ignore_eos": False, "max_tokens": 16,
    "min_tokens": 0, "logprobs": None, "prompt_logprobs": None, "detokenize": True, "skip_special_tokens": True,
    "spaces_between_special_tokens": True, "include_stop_str_in_output": False, "output_kind": None, "logit_bias": None,
    "allowed_token_ids": None, "extra_args": None, "bad_words": None,
}  # fmt: skip
PARAMS: dict[str, dict[str, Any]] = {
    "0.8.5": {
        **SHARED_PARAMS, "top_k": -1, "best_of": None, "logits_processors": None, "truncate_prompt_tokens": None,
        "guided_decoding": None,
    },
    "0.19.1": {
        **SHARED_PARAMS, "top_k": 0, "logprob_token_ids": None, "flat_logprobs": False, "structured_outputs": None,
        "skip_reading_prefix_cache": None, "thinking_token_budget": None, "repetition_detection": None,
    },
}  # fmt: skip
"""The fields of `SamplingParams` with their defaults."""

SHARED_ENGINE = {
    "tokenizer", "tokenizer_mode", "skip_tokenizer_init", "trust_remote_code", "allowed_local_media_path",
    "tensor_parallel_size", "dtype", "quantization", "revision", "tokenizer_revision", "seed",
    "gpu_memory_utilization", "cpu_offload_gb", "enforce_eager", "hf_token", "hf_overrides",
    "disable_custom_all_reduce", "mm_processor_kwargs", "compilation_config", "max_model_len", "enable_prefix_caching",
    "generation_config", "enable_sleep_mode", "worker_extension_cls", "max_num_seqs", "max_num_batched_tokens",
    "served_model_name", "load_format",
}  # fmt: skip
ENGINE = {
    "0.8.5": SHARED_ENGINE | {"task", "swap_space", "max_seq_len_to_capture", "disable_async_output_proc"},
    "0.19.1": SHARED_ENGINE | {"runner", "convert", "kv_cache_memory_bytes", "attention_config", "logits_processors"},
}
"""The keywords of `LLM`, those that it passes on to its engine among them."""


@dataclass
class CompletionOutput:
    index: int
    text: str
    token_ids: Sequence[int]
    cumulative_logprob: float | None
    logprobs: Any
    finish_reason: str | None = None
    stop_reason: int | str | None = None


class RequestOutput:
    def __init__(
        self,
        request_id: str,
        prompt: str | None,
        prompt_token_ids: list[int] | None,
        prompt_logprobs: Any,
        outputs: list[CompletionOutput],
        finished: bool,
    ) -> None:
        self.request_id, self.prompt, self.prompt_token_ids = request_id, prompt, prompt_token_ids
        self.prompt_logprobs, self.outputs, self.finished = prompt_logprobs, outputs, finished


def _verify(params: Any) -> None:
    """What the library refuses, and what it makes of a small temperature and of a lone stop string."""
    if 0 < params.temperature < 0.01:
        params.temperature = 0.01
    params.stop = [params.stop] if isinstance(params.stop, str) else list(params.stop or [])
    if params.temperature == 0 and params.n > 1:
        raise ValueError(f"n must be 1 when using greedy sampling, got {params.n}.")
    if not 0 < params.top_p <= 1:
        raise ValueError(f"top_p must be in (0, 1], got {params.top_p}.")
    if not all(params.stop):
        raise ValueError("stop cannot contain an empty string.")
    if params.seed is not None and not -(2**63) <= params.seed < 2**63:
        raise OverflowError("seed does not fit into 64 bits")


class Weights:
    """The model as vLLM's workers have it: it loads weights by the names that a saved folder has, and knows no others."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model = model

    @torch.no_grad()
    def load_weights(self, weights: Iterable[tuple[str, torch.Tensor]]) -> set[str]:
        known, loaded = dict(self.model.named_parameters()), set()
        for name, tensor in weights:
            known[name].copy_(tensor)  # KeyError, as there
            loaded.add(name)
        return loaded


class LLM:
    """`version` is set by `module`, and what is allowed depends on it."""

    version: str
    made: list["LLM"]

    def __init__(self, model: str, **keywords: Any) -> None:
        for keyword in keywords:
            if keyword not in ENGINE[self.version]:
                raise TypeError(f"LLM of {self.version} got an unexpected keyword argument {keyword!r}")
        policy, self.tokenizer = load(Path(model))
        dtype = keywords.get("dtype", "auto")
        self.dtype = torch.float16 if dtype == "auto" else getattr(torch, dtype)
        self.weights, self.keywords = Weights(policy.to(self.dtype)), keywords
        longest = keywords.get("max_model_len") or policy.config.max_position_embeddings
        self.llm_engine = types.SimpleNamespace(model_config=types.SimpleNamespace(max_model_len=longest))
        self.cache: dict[tuple[int, ...], torch.Tensor] = {}
        self.requests: list[Any] = []
        self.resets: bool | None = True
        self.made.append(self)

    def generate(
        self,
        prompts: Any,
        sampling_params: Any = None,
        *,
        use_tqdm: bool = True,
        lora_request: Any = None,
    ) -> list[RequestOutput]:
        if len(prompts) != len(sampling_params):
            raise ValueError("The lengths of prompts and sampling_params must be the same.")
        assert not use_tqdm, "a bar for every rollout"
        self.requests += sampling_params
        asked = list(enumerate(zip(prompts, sampling_params, strict=True)))
        done = {}
        for place, (prompt, params) in sorted(asked, key=lambda one: len(one[1][0]["prompt_token_ids"])):
            assert set(prompt) == {"prompt_token_ids"}, "a prompt of ids has nothing else"
            done[place] = RequestOutput(
                str(place),
                None,
                prompt["prompt_token_ids"],
                None,
                [self._complete(prompt["prompt_token_ids"], params)],
                True,
            )
        return [done[place] for place, _ in asked]

    def apply_model(self, func: Callable[[Weights], Any]) -> list[Any]:
        if os.environ.get("VLLM_ENABLE_V1_MULTIPROCESSING", "1") != "0":
            raise TypeError(f"Object of type {type(func)} is not serializable")
        return [func(self.weights)]

    def reset_prefix_cache(self) -> bool | None:
        if self.resets is not False:
            self.cache.clear()
        return self.resets

    @torch.no_grad()
    def _complete(self, prompt: list[int], params: Any) -> CompletionOutput:
        generator = torch.Generator().manual_seed(params.seed)
        ids: list[int] = []
        reason, text = "length", ""
        while len(ids) < params.max_tokens:
            logits = self._logits(prompt, ids)
            if len(ids) < params.min_tokens:
                logits[self.tokenizer.eos_token_id] = -torch.inf
            ids.append(_chosen(logits, params, generator))
            if ids[-1] == self.tokenizer.eos_token_id:
                reason = "stop"
                break
            before, text = text, self.tokenizer.decode(ids, skip_special_tokens=params.skip_special_tokens)
            if len(ids) > params.min_tokens and (stop := self._stop(text, len(text) - len(before), params)) is not None:
                reason, text = "stop", text[:stop]
                break
        return CompletionOutput(0, text, tuple(ids), None, None, reason)

    def _logits(self, prompt: list[int], ids: list[int]) -> torch.Tensor:
        if not ids and self.keywords.get("enable_prefix_caching", True) and tuple(prompt) in self.cache:
            return self.cache[tuple(prompt)].clone()
        logits = self.weights.model(input_ids=torch.tensor([prompt + ids])).logits[0, -1].float()
        if not ids:
            self.cache[tuple(prompt)] = logits.clone()
        return logits

    def _stop(self, text: str, new: int, params: Any) -> int | None:
        """Where the text is cut off, if one of the new characters completes a stop string."""
        for stop in params.stop:
            at = text.find(stop, max(len(text) - new - len(stop) + 1, 0))
            if at >= 0:
                return at + len(stop) * params.include_stop_str_in_output
        return None


def _chosen(logits: torch.Tensor, params: Any, generator: torch.Generator) -> int:
    if params.temperature == 0:
        return int(logits.argmax())
    ordered, places = torch.softmax(logits / params.temperature, dim=-1).sort(descending=True)
    ordered[ordered.cumsum(-1) - ordered >= params.top_p] = 0
    return int(places[torch.multinomial(ordered, 1, generator=generator)])


def module(version: str) -> types.ModuleType:
    """The module `vllm` of a version; `LLM.made` has its engines."""
    vllm = types.ModuleType("vllm")
    fields = [(name, Any, field(default=default)) for name, default in PARAMS[version].items()]
    vllm.SamplingParams = make_dataclass("SamplingParams", fields, namespace={"__post_init__": _verify})
    vllm.LLM = type("LLM", (LLM,), {"version": version, "made": []})
    vllm.__version__ = version
    return vllm
