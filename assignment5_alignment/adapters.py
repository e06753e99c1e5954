"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that calls your function, but nothing of what a problem asks for. They are wired to
the stubs already, so nothing here needs a change unless you name or store things differently.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils.data import Dataset

from assignment5_alignment import (
    derivations,
    dpo,
    dpo_training,
    entropy,
    evaluation_files,
    expert_iteration,
    generations,
    grpo,
    instruction_data,
    log_probs,
    masking,
    parsing,
    policy_gradient,
    preference_data,
    prompting,
    rewards_of_groups,
    sft,
    tokenization,
    train_step,
)

RewardFunction = Callable[[str, str], dict[str, float]]


def run_tokenize_prompt_and_output(prompt_strs: list[str], output_strs: list[str], tokenizer: Any) -> dict[str, Tensor]:
    """ "input_ids", "labels" and "response_mask" of each prompt with its output."""
    return tokenization.tokenize_prompt_and_output(prompt_strs, output_strs, tokenizer)


def run_get_response_log_probs(
    model: torch.nn.Module, input_ids: Tensor, labels: Tensor, return_token_entropy: bool = False
) -> dict[str, Tensor]:
    """The "log_probs" of the labels under `model`, and "token_entropy" if that is asked for."""
    return log_probs.get_response_log_probs(model, input_ids, labels, return_token_entropy)


def run_compute_entropy(logits: Tensor) -> Float[Tensor, "..."]:
    """The entropy in nats of each next-token distribution, over the last dimension of `logits`."""
    return entropy.compute_entropy(logits)


def run_format_prompt(template: str, question: str) -> str:
    """`template` with `question` in its place."""
    return prompting.format_prompt(template, question)


def run_extract_gsm8k_answer(answer: str) -> str | None:
    """The number that a worked solution of GSM8K ends in, or None."""
    return prompting.extract_gsm8k_answer(answer)


def run_reward_categories(
    responses: list[str], ground_truths: list[str], reward_fn: RewardFunction
) -> tuple[int, int, int]:
    """How many responses have format and answer right, the format alone, and neither."""
    return prompting.reward_categories(responses, ground_truths, reward_fn)


def run_parse_mmlu_response(mmlu_example: dict[str, Any], model_output: str) -> str | None:
    """The letter that `model_output` answers with, or None."""
    return parsing.parse_mmlu_response(mmlu_example, model_output)


def run_parse_gsm8k_response(model_output: str) -> str | None:
    """The last number in `model_output`, or None."""
    return parsing.parse_gsm8k_response(model_output)


def run_log_generations(
    prompts: list[str],
    responses: list[str],
    ground_truths: list[str],
    reward_fn: RewardFunction,
    token_entropies: Tensor,
    response_lengths: list[int],
) -> dict[str, Any]:
    """What there is to keep of some responses; the handout names the keys."""
    return generations.log_generations(prompts, responses, ground_truths, reward_fn, token_entropies, response_lengths)


def run_masked_normalize(
    tensor: Tensor, mask: Tensor, dim: int | None = None, normalize_constant: float = 1.0
) -> Float[Tensor, "..."]:
    """The sum over `dim` of what `mask` keeps, divided by a constant."""
    return masking.masked_normalize(tensor, mask, dim, normalize_constant)


def run_sft_microbatch_train_step(
    policy_log_probs: Tensor,
    response_mask: Tensor,
    gradient_accumulation_steps: int,
    normalize_constant: float | None = 1.0,
) -> tuple[Tensor, dict[str, Any]]:
    """The loss of a microbatch, after its backward pass, and what you say of it."""
    return train_step.sft_microbatch_train_step(
        policy_log_probs, response_mask, gradient_accumulation_steps, normalize_constant
    )


def get_packed_sft_dataset(tokenizer: Any, dataset_path: str | os.PathLike, seq_length: int, shuffle: bool) -> Dataset:
    """The documents in the file at `dataset_path` as rows of `seq_length` tokens, each with its labels."""
    return instruction_data.PackedSFTDataset(tokenizer, dataset_path, seq_length, shuffle)


def run_iterate_batches(dataset: Dataset, batch_size: int, shuffle: bool) -> Iterable[dict[str, Tensor]]:
    """One pass over `dataset` in batches; it has a length."""
    return instruction_data.iterate_batches(dataset, batch_size, shuffle)


def run_sft(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    prompts: list[str],
    responses: list[str],
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> list[dict[str, float]]:
    """Trains `policy` on the responses to the prompts; what you say of each step."""
    return sft.train_sft(policy, tokenizer, optimizer, prompts, responses, batch_size, epochs, max_grad_norm, seed)


def run_expert_iteration_step(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    sampler: Any,
    prompts: list[str],
    ground_truths: list[str],
    group_size: int,
    reward_fn: RewardFunction,
    sampling: Any,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> dict[str, float]:
    """Samples, keeps what was right, trains `policy` on it; what you say of the step."""
    return expert_iteration.expert_iteration_step(
        policy,
        tokenizer,
        optimizer,
        sampler,
        prompts,
        ground_truths,
        group_size,
        reward_fn,
        sampling,
        batch_size,
        epochs,
        max_grad_norm,
        seed,
    )


def run_var_reinforce(p: float, n: int) -> float:
    """Variance of the REINFORCE estimator of the handout, from `n` samples."""
    return derivations.var_reinforce(p, n)


def run_var_baseline(p: float, n: int, b: float) -> float:
    """Variance of the same estimator with the baseline `b`."""
    return derivations.var_baseline(p, n, b)


def run_optimal_baseline(p: float) -> float:
    """The baseline of the least variance."""
    return derivations.optimal_baseline(p)


def run_baseline_lower(p: float) -> bool:
    """Whether the mean reward as a baseline has a lower variance than no baseline."""
    return derivations.baseline_lower(p)


def run_compute_rollout_rewards(
    reward_fn: RewardFunction, rollout_responses: list[str], repeated_ground_truths: list[str]
) -> tuple[Tensor, dict[str, float]]:
    """The reward of each response, and what you say of them all."""
    return rewards_of_groups.compute_rollout_rewards(reward_fn, rollout_responses, repeated_ground_truths)


def run_compute_group_normalized_rewards(
    raw_rewards: Tensor,
    group_size: int,
    baseline: Literal["mean", "none"] = "mean",
    advantage_eps: float = 1e-6,
    advantage_normalizer: Literal["std", "none", "mean"] = "std",
) -> tuple[Tensor, dict[str, Any]]:
    """The advantage of each response within its group, and what you say of them all."""
    return rewards_of_groups.compute_group_normalized_rewards(
        raw_rewards, group_size, baseline, advantage_eps, advantage_normalizer
    )


def run_compute_naive_policy_gradient_loss(
    raw_rewards_or_advantages: Tensor, policy_log_probs: Tensor
) -> Float[Tensor, "..."]:
    """The loss of each token whose gradient is the policy gradient."""
    return policy_gradient.compute_naive_policy_gradient_loss(raw_rewards_or_advantages, policy_log_probs)


def run_compute_grpo_clip_loss(
    advantages: Tensor, policy_log_probs: Tensor, old_log_probs: Tensor, cliprange: float
) -> tuple[Tensor, dict[str, Any]]:
    """The clipped loss of each token, and what you say of it."""
    return policy_gradient.compute_grpo_clip_loss(advantages, policy_log_probs, old_log_probs, cliprange)


def run_compute_policy_gradient_loss(
    raw_rewards_or_advantages: Tensor,
    policy_log_probs: Tensor,
    importance_reweighting_method: Literal["none", "noclip", "grpo", "gspo"] = "none",
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
    response_mask: Tensor | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """The loss of each token by the method of that name, and what you say of it."""
    return policy_gradient.compute_policy_gradient_loss(
        raw_rewards_or_advantages,
        policy_log_probs,
        importance_reweighting_method,
        old_log_probs,
        cliprange,
        response_mask,
    )


def run_masked_mean(tensor: Tensor, mask: Tensor, dim: int | None = None) -> Float[Tensor, "..."]:
    """The mean over `dim` of what `mask` keeps."""
    return masking.masked_mean(tensor, mask, dim)


def run_aggregate_loss_across_microbatch(
    per_token_policy_gradient_loss: Tensor,
    mask: Tensor,
    loss_normalization: Literal["sequence", "constant"] = "sequence",
    normalization_constant: float | None = None,
) -> Float[Tensor, ""]:
    """One loss of the losses of all tokens."""
    return policy_gradient.aggregate_loss_across_microbatch(
        per_token_policy_gradient_loss, mask, loss_normalization, normalization_constant
    )


def run_length_norm_gradients(
    mask: Tensor, advantages: Tensor, mode: Literal["sequence", "constant", "token"]
) -> Float[Tensor, "batch tokens"]:
    """The gradient of the averaged objective at each token's log-probability."""
    return derivations.length_norm_gradients(mask, advantages, mode)


def run_grpo_microbatch_train_step(
    policy_log_probs: Tensor,
    response_mask: Tensor,
    gradient_accumulation_steps: int,
    loss_type: Literal["no_baseline", "reinforce_with_baseline", "grpo_clip", "grpo_no_clip"],
    raw_rewards: Tensor | None = None,
    advantages: Tensor | None = None,
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """The loss of a microbatch, after its backward pass, and what you say of it."""
    return train_step.grpo_microbatch_train_step(
        policy_log_probs,
        response_mask,
        gradient_accumulation_steps,
        loss_type,
        raw_rewards,
        advantages,
        old_log_probs,
        cliprange,
    )


def run_grpo_train_step(
    model: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    gradient_accumulation_steps: int,
    max_grad_norm: float | None,
    reward_fn: RewardFunction,
    repeated_prompts: list[str],
    rollout_responses: list[str],
    repeated_ground_truths: list[str],
    group_size: int,
    baseline: Literal["mean", "none"] = "mean",
    advantage_eps: float = 1e-6,
    advantage_normalizer: Literal["std", "none", "mean"] = "std",
    importance_reweighting_method: Literal["none", "noclip", "grpo", "gspo"] = "none",
    old_log_probs: Tensor | None = None,
    cliprange: float | None = None,
    loss_normalization: Literal["sequence", "constant"] = "sequence",
    normalization_constant: float | None = None,
) -> tuple[Tensor, dict[str, Any]]:
    """One update of `model` from one batch of rollouts; its loss, and what you say of it."""
    return train_step.grpo_train_step(
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


def run_grpo_loop(
    policy: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    sampler: Any,
    task: Any,
    config: Any,
    seed: int,
) -> list[dict[str, float]]:
    """Trains `policy` on its own answers; what you say of each step."""
    return grpo.grpo_loop(policy, tokenizer, optimizer, sampler, task, config, seed)


def run_difficulty_weight(kind: Literal["drgrpo", "grpo", "maxrl"], eta: float) -> float:
    """How much the estimator `kind` makes of a question that is answered rightly with probability `eta`."""
    return derivations.difficulty_weight(kind, eta)


def run_expected_gradient(
    kind: Literal["rft", "rft_kept", "drgrpo", "grpo", "maxrl"], p: float, group_size: int
) -> float:
    """The expectation of the estimator `kind` over all groups of answers, on the coin of the handout."""
    return derivations.expected_gradient(kind, p, group_size)


def run_surrogate_value(pi: list[Tensor], pi0: list[Tensor], rewards: Tensor, k: int) -> Float[Tensor, ""]:
    """The surrogate objective with `k` positions of the new policy at a time, differentiable in `pi`."""
    return derivations.surrogate_value(pi, pi0, rewards, k)


def run_load_hh(directory: str | os.PathLike) -> list[dict[str, str]]:
    """The single-turn comparisons in the files below `directory`."""
    return preference_data.load_hh(directory)


def run_compute_per_instance_dpo_loss(
    lm: torch.nn.Module,
    lm_ref: torch.nn.Module,
    tokenizer: Any,
    beta: float,
    prompt: str,
    response_chosen: str,
    response_rejected: str,
) -> Float[Tensor, ""]:
    """The DPO loss of one comparison, differentiable in the parameters of `lm`."""
    return dpo.per_instance_dpo_loss(lm, lm_ref, tokenizer, beta, prompt, response_chosen, response_rejected)


def run_dpo(
    policy: torch.nn.Module,
    reference: torch.nn.Module,
    tokenizer: Any,
    optimizer: torch.optim.Optimizer,
    pairs: list[tuple[str, str, str]],
    beta: float,
    batch_size: int,
    epochs: int,
    max_grad_norm: float,
    seed: int,
) -> list[dict[str, float]]:
    """Trains `policy` on (prompt, chosen, rejected); what you say of each step."""
    return dpo_training.train_dpo(
        policy, reference, tokenizer, optimizer, pairs, beta, batch_size, epochs, max_grad_norm, seed
    )


def run_write_alpaca_eval(
    examples: list[dict[str, Any]], outputs: list[str], generator: str, path: str | os.PathLike
) -> None:
    """Writes the file that AlpacaEval's judge reads."""
    evaluation_files.write_alpaca_eval(examples, outputs, generator, path)


def run_write_sst(examples: list[dict[str, Any]], outputs: list[str], path: str | os.PathLike) -> None:
    """Writes the file that the judge of SimpleSafetyTests reads."""
    evaluation_files.write_sst(examples, outputs, path)
