"""The sampler's interface over vLLM, for models and graphics cards that are worth it: `VLLMSampler(folder)`.

It is asked as a `Sampler` is and answers as one does, so a training loop does not notice which of them it has. vLLM is imported
when the first one is made, and lives in the same process and on the same graphics card as the policy, whose weights
`sync_policy_weights` hands to it. Written from what vLLM documents for its versions from 0.8 to 0.19, and tested against
those signatures alone, never against the library itself.

Where it differs from a `Sampler`: random numbers are vLLM's own, so are roundings, which depend on what else is in a batch, and
a temperature above 0 and below 0.01 counts as 0.01 there; a stop string that the last of `min_tokens` tokens completes does
not end a completion yet. Not covered: several graphics cards, sleep mode, a server, models that vLLM does not know.
"""

import os
import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from assignment5_alignment.models.files import load_tokenizer
from assignment5_alignment.sampling.chance import request_seed
from assignment5_alignment.sampling.completions import Completion, SamplingParams, refuse_impossible

OLDEST, FIRST_UNKNOWN = (0, 8), (1, 0)
"""Versions of vLLM, the first that will do and the first that nobody has read about yet."""

INSTALL = "pip install 'vllm>=0.8,<1', on Linux with a GPU"
_OWN_PROCESS = "VLLM_ENABLE_V1_MULTIPROCESSING"


class VLLMUnusableError(Exception):
    """There is no vLLM here, or none that will do; the message says what was found, and what to do."""


class VLLMSampler:
    """Samples with vLLM from the causal model in `folder`, which is as `models.load` reads it.

    `gpu_memory_utilization` is the share of the card's memory that vLLM takes for weights and cache, from 0 to 1: the rest is the
    policy's and its optimizer's. `dtype` is that of weights and computation, "auto" the one in the folder's configuration (but
    float16 for float32). `max_model_len` is the longest prompt with its completion, in tokens, and by default as long
    as the model allows.

    Raises:
        VLLMUnusableError: vLLM is not installed, does not load, or is of a version that nothing is known of.
        ModelMissingError: the folder has no tokenizer.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        gpu_memory_utilization: float = 0.4,
        dtype: str = "auto",
        max_model_len: int | None = None,
    ) -> None:
        vllm = _library()
        self._tokenizer = load_tokenizer(Path(folder))
        self._params = vllm.SamplingParams
        self._engine = vllm.LLM(
            model=str(folder),
            dtype=dtype,
            gpu_memory_utilization=gpu_memory_utilization,
            max_model_len=max_model_len,
            enable_prefix_caching=True,  # completions of one prompt are requests of their own here, and share its cache
            generation_config="vllm",  # else the folder's may name further tokens that end a text
        )

    def sync_policy_weights(self, policy: torch.nn.Module) -> None:
        """From now on sample from the weights that `policy` has now: a model of the folder's kind, as transformers has it.

        Raises:
            RuntimeError: vLLM keeps what it has computed with the old weights.
        """
        weights = _as_saved(policy)
        self._engine.apply_model(lambda model: model.load_weights(iter(weights)))
        if self._engine.reset_prefix_cache() is False:  # None, in some versions, where all went well
            raise RuntimeError("vLLM did not reset its prefix cache; expected no request to be under way")

    def generate_completions(self, prompts: list[str], params: SamplingParams) -> list[Completion]:
        """`params.n` completions of each prompt: those of the first prompt, those of the second, and so on.

        Raises:
            ValueError: a prompt has no tokens, or with `params.max_tokens` more than the model has positions for.
            RuntimeError: vLLM ended a completion for another reason than a stop or its length.
        """
        most = self._engine.llm_engine.model_config.max_model_len
        asked, settings = [], []
        for place, prompt in enumerate(prompts):
            ids = list(self._tokenizer.encode(prompt))
            refuse_impossible(place, len(ids), params.max_tokens, most)
            for sample in range(params.n):
                asked.append({"prompt_token_ids": ids})
                settings.append(self._settings(params, place, sample))
        replies = self._engine.generate(asked, settings, use_tqdm=False)
        return [_completion(output) for reply in replies for output in reply.outputs]

    def _settings(self, params: SamplingParams, place: int, sample: int) -> Any:
        """What vLLM is told of one completion.

        Each is a request of its own, with its own seed: what `n` does to a seed differs between versions, vLLM refuses it at a
        temperature of 0, and one seed for all would answer a prompt that comes twice twice alike.
        """
        return self._params(
            n=1,
            temperature=params.temperature,
            top_p=params.top_p,
            seed=request_seed(params.seed, place, sample),
            stop=list(params.stop),
            include_stop_str_in_output=params.include_stop_str_in_output,
            max_tokens=params.max_tokens,
            min_tokens=params.min_tokens,
        )


def _library() -> Any:
    """The module `vllm`, told to keep its engine in this process: another one could not be handed a policy's weights."""
    try:
        import vllm
    except ImportError as error:  # also where it is installed, and a library that it needs is not
        raise VLLMUnusableError(f"vLLM cannot be imported ({error}): {INSTALL}") from error
    version = str(getattr(vllm, "__version__", None))
    found = re.match(r"(\d+)\.(\d+)", version)
    if not found or not OLDEST <= (int(found[1]), int(found[2])) < FIRST_UNKNOWN:
        raise VLLMUnusableError(f"vLLM is of version {version}; expected at least 0.8 and less than 1: {INSTALL}")
    if (chosen := os.environ.setdefault(_OWN_PROCESS, "0")) != "0":
        raise VLLMUnusableError(f"{_OWN_PROCESS} is {chosen!r} in the environment; expected '0', or that it is not set")
    return vllm


def _as_saved(policy: torch.nn.Module) -> list[tuple[str, Tensor]]:
    """The policy's weights as its folder would have them: an output matrix that is the embedding is not there twice."""
    weights = policy.state_dict()
    if policy.config.tie_word_embeddings:
        weights.pop("lm_head.weight", None)
    return list(weights.items())


def _completion(output: Any) -> Completion:
    if output.finish_reason not in ("stop", "length"):
        raise RuntimeError(f"vLLM ended a completion with {output.finish_reason!r}; expected 'stop' or 'length'")
    return Completion(output.text, list(output.token_ids), output.finish_reason)
