"""Miniature repositories in the shape of the public course's assignment 5, of both editions, written by hand."""

TENSORS = """
import torch


def masked_mean(tensor, mask, dim=None):
    return (tensor * mask).sum(dim=dim) / mask.sum(dim=dim)


def masked_normalize(tensor, mask, dim=None, normalize_constant=1.0):
    return (tensor * mask).sum(dim=dim) / normalize_constant


def compute_entropy(logits):
    log_probs = logits - torch.logsumexp(logits, dim=-1, keepdim=True)
    return -(log_probs.exp() * log_probs).sum(dim=-1)
"""
SCORING = """
import torch
import torch.nn.functional as F


def tokenize_prompt_and_output(prompt_strs, output_strs, tokenizer):
    prompts = [tokenizer.encode(text, add_special_tokens=False) for text in prompt_strs]
    outputs = [tokenizer.encode(text, add_special_tokens=False) for text in output_strs]
    width = max(len(p) + len(o) for p, o in zip(prompts, outputs))
    rows = torch.full((len(prompts), width), tokenizer.pad_token_id)
    mask = torch.zeros((len(prompts), width), dtype=torch.bool)
    for i, (p, o) in enumerate(zip(prompts, outputs)):
        rows[i, : len(p) + len(o)] = torch.tensor(p + o)
        mask[i, len(p) : len(p) + len(o)] = True
    return {"input_ids": rows[:, :-1], "labels": rows[:, 1:], "response_mask": mask[:, 1:]}


def get_response_log_probs(model, input_ids, labels, return_token_entropy=False):
    log_probs = F.log_softmax(model(input_ids).logits, dim=-1)
    found = {"log_probs": log_probs.gather(-1, labels.unsqueeze(-1)).squeeze(-1)}
    if return_token_entropy:
        found["token_entropy"] = -(log_probs.exp() * log_probs).sum(dim=-1)
    return found
"""
SUPPLEMENT = """
import json
import random
import re
from pathlib import Path

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

TEMPLATE = (Path(__file__).parent / "prompts" / "alpaca_sft.prompt").read_text().rstrip("\\n")


class PackedDataset(Dataset):
    def __init__(self, tokenizer, dataset_path, seq_length, shuffle):
        with open(dataset_path) as file:
            rows = [json.loads(line) for line in file]
        if shuffle:
            random.shuffle(rows)
        self.tokens = []
        for row in rows:
            text = TEMPLATE.format(instruction=row["prompt"], response=row["response"])
            self.tokens.extend(tokenizer.encode(text))
            self.tokens.append(tokenizer.eos_token_id)
        self.seq_length = seq_length

    def __len__(self):
        return (len(self.tokens) - 1) // self.seq_length

    def __getitem__(self, i):
        start = i * self.seq_length
        chunk = torch.tensor(self.tokens[start : start + self.seq_length + 1])
        return {"input_ids": chunk[:-1], "labels": chunk[1:]}


def iterate_batches(dataset, batch_size, shuffle):
    return DataLoader(dataset, batch_size=batch_size, shuffle=shuffle)


def score(model, tokenizer, prompt, response):
    text = TEMPLATE.format(instruction=prompt, response=response) + tokenizer.eos_token
    ids = tokenizer(text, return_tensors="pt").input_ids
    log_probs = F.log_softmax(model(ids).logits[:, :-1], dim=-1)
    return log_probs.gather(-1, ids[:, 1:, None]).sum()


def dpo_loss(lm, lm_ref, tokenizer, beta, prompt, chosen, rejected):
    ours = score(lm, tokenizer, prompt, chosen) - score(lm, tokenizer, prompt, rejected)
    with torch.no_grad():
        theirs = score(lm_ref, tokenizer, prompt, chosen) - score(lm_ref, tokenizer, prompt, rejected)
    return -F.logsigmoid(beta * (ours - theirs))


def last_number(text):
    found = re.findall(r"-?\\d[\\d,]*(?:\\.\\d+)?", text)
    return found[-1].replace(",", "").rstrip(".") if found else None
"""
PROMPT = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{instruction}\n\n### Response:\n{response}\n"
)
"""As a file: a line end after it, which is no part of the prompt."""
GROUPS_2025 = """
import torch


def compute_group_normalized_rewards(
    reward_fn, rollout_responses, repeated_ground_truths, group_size, advantage_eps, normalize_by_std
):
    raw = torch.tensor([reward_fn(r, t)["reward"] for r, t in zip(rollout_responses, repeated_ground_truths)])
    groups = raw.view(-1, group_size)
    advantages = groups - groups.mean(dim=-1, keepdim=True)
    if normalize_by_std:
        advantages = advantages / (groups.std(dim=-1, keepdim=True) + advantage_eps)
    return advantages.flatten(), raw, {"mean": raw.mean().item(), "max": raw.max()}


def clip_loss(advantages, policy_log_probs, old_log_probs, cliprange):
    ratio = torch.exp(policy_log_probs - old_log_probs)
    clipped = torch.clamp(ratio, 1 - cliprange, 1 + cliprange)
    return -torch.min(ratio * advantages, clipped * advantages), {"ratio": ratio.detach()}


def loss(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange):
    if loss_type == "no_baseline":
        assert raw_rewards is not None
        return -raw_rewards * policy_log_probs, {}
    if loss_type == "reinforce_with_baseline":
        assert advantages is not None
        return -advantages * policy_log_probs, {}
    assert loss_type == "grpo_clip" and advantages is not None and old_log_probs is not None and cliprange is not None
    return clip_loss(advantages, policy_log_probs, old_log_probs, cliprange)
"""
ADAPTERS_2025 = """\
from __future__ import annotations

from typing import Any, Callable, Literal

import torch
from torch import Tensor

from cs336_alignment import grpo, scoring, supplement, tensors


def run_tokenize_prompt_and_output(
    prompt_strs: list[str], output_strs: list[str], tokenizer: Any
) -> dict[str, Tensor]:
    return scoring.tokenize_prompt_and_output(prompt_strs, output_strs, tokenizer)


def run_get_response_log_probs(
    model: torch.nn.Module, input_ids: torch.Tensor, labels: torch.Tensor, return_token_entropy: bool
) -> torch.Tensor:
    return scoring.get_response_log_probs(model, input_ids, labels, return_token_entropy)


def run_sft_microbatch_train_step(
    policy_log_probs: torch.Tensor,
    response_mask: torch.Tensor,
    gradient_accumulation_steps: int,
    normalize_constant: int | None = 1.0,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    total = tensors.masked_normalize(policy_log_probs, response_mask, -1, normalize_constant)
    loss = -total.mean() / gradient_accumulation_steps
    loss.backward()
    return loss, {}


def get_packed_sft_dataset(tokenizer: Any, dataset_path: str, seq_length: int, shuffle: bool) -> Any:
    return supplement.PackedDataset(tokenizer, dataset_path, seq_length, shuffle)


def run_iterate_batches(dataset: Any, batch_size: int, shuffle: bool):
    return supplement.iterate_batches(dataset, batch_size, shuffle)


def run_compute_per_instance_dpo_loss(
    lm: torch.nn.Module,
    lm_ref: torch.nn.Module,
    tokenizer: Any,
    beta: float,
    prompt: str,
    response_chosen: str,
    response_rejected: str,
) -> torch.Tensor:
    return supplement.dpo_loss(lm, lm_ref, tokenizer, beta, prompt, response_chosen, response_rejected)


def run_compute_entropy(logits: torch.Tensor) -> torch.Tensor:
    return tensors.compute_entropy(logits)


def run_masked_mean(tensor: torch.Tensor, mask: torch.Tensor, dim: int | None = None) -> torch.Tensor:
    return tensors.masked_mean(tensor, mask, dim)


def run_masked_normalize(
    tensor: torch.Tensor, mask: torch.Tensor, dim: int | None = None, normalize_constant: float = 1.0
) -> torch.Tensor:
    return tensors.masked_normalize(tensor, mask, dim, normalize_constant)


def run_compute_group_normalized_rewards(
    reward_fn: Callable,
    rollout_responses: list[str],
    repeated_ground_truths: list[str],
    group_size: int,
    advantage_eps: float,
    normalize_by_std: bool,
) -> tuple[torch.Tensor, dict[str, float]]:
    return grpo.compute_group_normalized_rewards(
        reward_fn, rollout_responses, repeated_ground_truths, group_size, advantage_eps, normalize_by_std
    )


def run_compute_naive_policy_gradient_loss(
    raw_rewards_or_advantages: torch.Tensor, policy_log_probs: torch.Tensor
) -> torch.Tensor:
    return -raw_rewards_or_advantages * policy_log_probs


def run_compute_grpo_clip_loss(
    advantages: torch.Tensor, policy_log_probs: torch.Tensor, old_log_probs: torch.Tensor, cliprange: float
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    return grpo.clip_loss(advantages, policy_log_probs, old_log_probs, cliprange)


def run_compute_policy_gradient_loss(
    policy_log_probs: torch.Tensor,
    loss_type: str,
    raw_rewards: torch.Tensor,
    advantages: torch.Tensor,
    old_log_probs: torch.Tensor,
    cliprange: float,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    return grpo.loss(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange)


def run_grpo_microbatch_train_step(
    policy_log_probs: torch.Tensor,
    response_mask: torch.Tensor,
    gradient_accumulation_steps: int,
    loss_type: Literal["no_baseline", "reinforce_with_baseline", "grpo_clip"],
    raw_rewards: torch.Tensor | None = None,
    advantages: torch.Tensor | None = None,
    old_log_probs: torch.Tensor | None = None,
    cliprange: float | None = None,
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    per_token, metadata = grpo.loss(policy_log_probs, loss_type, raw_rewards, advantages, old_log_probs, cliprange)
    loss = tensors.masked_mean(per_token, response_mask, dim=1).mean() / gradient_accumulation_steps
    loss.backward()
    return loss, metadata


def run_parse_gsm8k_response(model_output: str) -> str | None:
    return supplement.last_number(model_output)


def run_parse_mmlu_response(mmlu_example: dict[str, Any], model_output: str) -> str | None:
    raise NotImplementedError
"""
GROUPS_2026 = """
import torch


def rollout_rewards(reward_fn, responses, truths):
    rows = [reward_fn(response, truth) for response, truth in zip(responses, truths)]
    keys = ("reward", "format_reward", "answer_reward")
    means = {f"mean_{key}": sum(row[key] for row in rows) / len(rows) for key in keys}
    return torch.tensor([row["reward"] for row in rows], dtype=torch.float32), means


def advantages(raw_rewards, group_size, baseline, eps, normalizer):
    groups = raw_rewards.view(-1, group_size)
    mean = groups.mean(dim=1, keepdim=True)
    found = groups - mean if baseline == "mean" else groups
    if normalizer == "std":
        found = found / (groups.std(dim=1, keepdim=True) + eps)
    elif normalizer == "mean":
        found = found / (mean + eps)
    return found.flatten(), {}


def aggregate(loss, mask, normalization, constant):
    if normalization == "sequence":
        return ((loss * mask).sum(dim=1) / mask.sum(dim=1)).mean()
    if constant is None:
        raise ValueError("no constant")
    return (loss * mask).sum() / constant


def per_token_loss(weights, log_probs, method, old, cliprange, mask):
    weights = weights.view(-1, 1)
    if method == "none":
        return -weights * log_probs, {}
    assert method in ("noclip", "grpo", "gspo") and old is not None
    log_ratio = log_probs - old
    if method == "gspo":
        log_ratio = ((log_ratio * mask).sum(dim=1, keepdim=True) / mask.sum(dim=1, keepdim=True)).expand_as(log_probs)
    ratio = log_ratio.exp()
    if method == "noclip":
        return -weights * ratio, {}
    assert cliprange is not None
    clipped = ratio.clamp(1 - cliprange, 1 + cliprange) * weights
    return -torch.minimum(ratio * weights, clipped), {"clip_fraction": (clipped < ratio * weights).float().mean()}
"""
STEP_2026 = """
import torch

from . import grpo, scoring


def train_step(
    model, tokenizer, optimizer, steps, max_grad_norm, reward_fn, prompts, responses, truths, group_size, baseline, eps,
    normalizer, method, old_log_probs, cliprange, loss_normalization, constant,
):
    raw, metadata = grpo.rollout_rewards(reward_fn, responses, truths)
    advantages, _ = grpo.advantages(raw, group_size, baseline, eps, normalizer)
    batch = scoring.tokenize_prompt_and_output(prompts, responses, tokenizer)
    size = len(responses) // steps
    optimizer.zero_grad()
    total = 0.0
    for step in range(steps):
        rows = [i for i in range(step * size, (step + 1) * size) if advantages[i] != 0]
        if not rows:
            continue
        mask = batch["response_mask"][rows]
        log_probs = scoring.get_response_log_probs(model, batch["input_ids"][rows], batch["labels"][rows])["log_probs"]
        old = None if old_log_probs is None else old_log_probs[rows]
        loss, _ = grpo.per_token_loss(advantages[rows], log_probs, method, old, cliprange, mask)
        loss = grpo.aggregate(loss, mask, loss_normalization, constant)
        if loss_normalization == "sequence":
            loss = loss * len(rows) / len(responses)
        loss.backward()
        total += loss.detach()
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), float("inf") if max_grad_norm is None else max_grad_norm)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total, {**metadata, "grad_norm": norm}
"""
ADAPTERS_2026 = """\
from __future__ import annotations

from cs336_alignment import grpo, scoring, step, tensors


def run_tokenize_prompt_and_output(prompt_strs, output_strs, tokenizer):
    return scoring.tokenize_prompt_and_output(prompt_strs, output_strs, tokenizer)


def run_get_response_log_probs(model, input_ids, labels, return_token_entropy):
    return scoring.get_response_log_probs(model, input_ids, labels, return_token_entropy)


def run_compute_entropy(logits):
    return tensors.compute_entropy(logits)


def run_compute_rollout_rewards(reward_fn, rollout_responses, repeated_ground_truths):
    return grpo.rollout_rewards(reward_fn, rollout_responses, repeated_ground_truths)


def run_compute_group_normalized_rewards(
    raw_rewards, group_size, baseline="mean", advantage_eps=1e-6, advantage_normalizer="std"
):
    return grpo.advantages(raw_rewards, group_size, baseline, advantage_eps, advantage_normalizer)


def run_compute_policy_gradient_loss(
    raw_rewards_or_advantages,
    policy_log_probs,
    importance_reweighting_method="none",
    old_log_probs=None,
    cliprange=None,
    response_mask=None,
):
    return grpo.per_token_loss(
        raw_rewards_or_advantages, policy_log_probs, importance_reweighting_method, old_log_probs, cliprange, response_mask
    )


def run_aggregate_loss_across_microbatch(
    per_token_policy_gradient_loss, mask, loss_normalization="sequence", normalization_constant=None
):
    return grpo.aggregate(per_token_policy_gradient_loss, mask, loss_normalization, normalization_constant)


def run_grpo_train_step(
    model,
    tokenizer,
    optimizer,
    gradient_accumulation_steps,
    max_grad_norm,
    reward_fn,
    repeated_prompts,
    rollout_responses,
    repeated_ground_truths,
    group_size,
    baseline="mean",
    advantage_eps=1e-6,
    advantage_normalizer="std",
    importance_reweighting_method="none",
    old_log_probs=None,
    cliprange=None,
    loss_normalization="sequence",
    normalization_constant=None,
):
    return step.train_step(
        model,
        tokenizer,
        optimizer,
        gradient_accumulation_steps,
        max_grad_norm,
        reward_fn,
        repeated_prompts,
        rollout_responses,
        repeated_ground_truths,
        group_size,
        baseline,
        advantage_eps,
        advantage_normalizer,
        importance_reweighting_method,
        old_log_probs,
        cliprange,
        loss_normalization,
        normalization_constant,
    )
"""


def repository_of(groups, adapters):
    """The files of a repository."""
    return {
        "cs336_alignment/__init__.py": "",
        "cs336_alignment/tensors.py": TENSORS,
        "cs336_alignment/scoring.py": SCORING,
        "cs336_alignment/supplement.py": SUPPLEMENT,
        "cs336_alignment/prompts/alpaca_sft.prompt": PROMPT,
        "cs336_alignment/step.py": STEP_2026,
        "cs336_alignment/grpo.py": groups,
        "tests/__init__.py": "",
        "tests/adapters.py": adapters,
        "pyproject.toml": '[project]\nname = "alignment"\nversion = "1.0.0"\n',
    }
