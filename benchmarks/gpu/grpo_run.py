"""Runs assignment 5's GRPO loop, in a tree whose assignment holds one, and counts tokens and seconds. Prints JSON.

Half of the responses earn a reward, by a checksum of their text: groups of an untrained model would all be wrong otherwise, and
what has no advantage does not go through the model.
"""

import json
import sys
import time
import zlib
from types import SimpleNamespace
from typing import Any

import torch

from assignment5_alignment import adapters, models
from assignment5_alignment.experiments import GRPOConfig
from assignment5_alignment.sampling import Completion, Sampler, SamplingParams

HEAD, MICROBATCHES = 64, 4


def model(layers: int, width: int, vocabulary: int) -> torch.nn.Module:
    """Of Qwen2's shape; every matrix normal with standard deviation 0.02, drawn by our own generator."""
    from transformers import Qwen2Config, Qwen2ForCausalLM

    heads = width // HEAD
    made = Qwen2ForCausalLM(
        Qwen2Config(
            vocab_size=vocabulary,
            hidden_size=width,
            intermediate_size=11 * width // 4,
            num_hidden_layers=layers,
            num_attention_heads=heads,
            num_key_value_heads=heads // 4 if heads % 4 == 0 else heads,
            max_position_embeddings=4096,
            tie_word_embeddings=True,
        )
    )
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in sorted(made.named_parameters()):
            if parameter.dim() > 1:
                parameter.copy_(0.02 * torch.randn(parameter.shape, generator=generator))
            else:
                parameter.fill_(float("norm" in name))
    return made


class Watch:
    """A sampler that takes the time of another, and counts the tokens that the policy is trained on meanwhile.

    Sampling begins with bringing over the weights; what follows it, up to the next time, is training.
    """

    def __init__(self, policy: torch.nn.Module, sampler: Sampler, device: str) -> None:
        self.samplings: list[tuple[float, float, int]] = []
        self.trained: list[int] = []
        self._sampler, self._device, self._seen = sampler, device, 0
        policy.register_forward_pre_hook(self._count, with_kwargs=True)

    def _count(self, policy: torch.nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if torch.is_grad_enabled():
            self._seen += (args[0] if args else kwargs["input_ids"]).numel()

    def now(self) -> float:
        """Seconds, when all that was asked of the device is done; the tokens that were trained on until now are kept."""
        if self._device == "cuda":
            torch.cuda.synchronize()
        self.trained.append(self._seen)
        return time.perf_counter()

    def sync_policy_weights(self, policy: torch.nn.Module) -> None:
        self._begin = self.now()
        self._sampler.sync_policy_weights(policy)

    def generate_completions(self, prompts: list[str], params: SamplingParams) -> list[Completion]:
        completions = self._sampler.generate_completions(prompts, params)
        self.samplings.append((self._begin, self.now(), sum(len(one.token_ids) for one in completions)))
        return completions


def reward(response: str, truth: str) -> dict[str, float]:
    """1 for one response of two."""
    earned = float(zlib.crc32(response.encode()) & 1)
    return {"reward": earned, "format_reward": 1.0, "answer_reward": earned}


def measure(case: dict[str, Any]) -> dict[str, Any]:
    """Counts and seconds of all steps but the first."""
    device = case["device"]
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    tokenizer = models.tokenizer("tiny-qwen-like")
    policy = model(case["layers"], case["width"], len(tokenizer)).to(device, dtype)
    rollouts = case["prompts"] * case["group"]
    watch = Watch(policy, Sampler(policy, tokenizer, batch_size=rollouts), device)
    config = GRPOConfig(
        steps=case["steps"],
        prompts_per_step=case["prompts"],
        group_size=case["group"],
        sampling=SamplingParams(max_tokens=case["tokens"], min_tokens=case["tokens"]),
        train_batch_size=rollouts,
        gradient_accumulation_steps=MICROBATCHES if rollouts % MICROBATCHES == 0 else 1,
    )
    task = SimpleNamespace(
        prompts=[f"What is {one} + {other}?" for one in range(case["prompts"]) for other in range(4)],
        ground_truths=["0"] * 4 * case["prompts"],
        reward_fn=reward,
    )
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-6)
    adapters.run_grpo_loop(policy, tokenizer, optimizer, watch, task, config, seed=0)
    end = watch.now()
    begins = [begin for begin, _, _ in watch.samplings[1:]]
    ends = [end for _, end, _ in watch.samplings]
    return {
        "case": case,
        "parameters": sum(parameter.numel() for parameter in policy.parameters()),
        "dtype": str(dtype).removeprefix("torch."),
        "device": torch.cuda.get_device_name() if device == "cuda" else "the processor",
        "torch": torch.__version__,
        "sampled": sum(tokens for _, _, tokens in watch.samplings[1:]),
        "sampling": sum(done - begin for begin, done, _ in watch.samplings[1:]),
        "trained": watch.trained[-1] - watch.trained[2],
        "training": sum(after - before for before, after in zip(ends[1:], [*begins[1:], end], strict=True)),
        "peak_memory": torch.cuda.max_memory_allocated() if device == "cuda" else None,
    }


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
