"""A model and its key-value caches: fed in chunks, by turns, beyond what fits. `sizes` builds the model, see `_model`.

A call is described by its chunks, each [batch, new] ids; `room` is the max_length of a cache.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from assignment1_basics import adapters
from assignment1_basics.drivers.calls import MatmulRecorder
from assignment1_basics.drivers.gradients import tensor_from


def _model(sizes: dict[str, Any], dtype: str = "float32") -> torch.nn.Module:
    """The model that get_cached_lm makes of `sizes`, weights included, with parameters of this dtype.

    Buffers stay as they are, as with the constructor's `dtype`: a table of rotations may be complex.
    """
    model: torch.nn.Module = adapters.get_cached_lm(**sizes)
    for parameter in model.parameters():
        parameter.data = parameter.data.to(getattr(torch, dtype))
    return model


def _cache(sizes: dict[str, Any], room: int) -> Any:
    return adapters.get_kv_cache_cls()(sizes["num_layers"], room)


def _logits(model: torch.nn.Module, chunk: Tensor, cache: Any) -> Tensor:
    return tensor_from("CachedTransformerLM", model(chunk, cache))


def cached_logits(sizes: dict[str, Any], room: int, chunks: list[Tensor]) -> tuple[list[Tensor], list[int]]:
    """The logits of each chunk, one after another with one cache, and the cache's length after each."""
    model, cache = _model(sizes), _cache(sizes, room)
    logits, lengths = [], []
    for chunk in chunks:
        logits.append(_logits(model, chunk, cache).detach())
        lengths.append(int(cache.length))
    return logits, lengths


def logits_without_and_with_cache(
    sizes: dict[str, Any], room: int, chunks: list[Tensor], dtype: str
) -> tuple[Tensor, Tensor]:
    """What one model of this dtype gives for all chunks at once without a cache, and for one after another with one."""
    model, cache = _model(sizes, dtype), _cache(sizes, room)
    whole = tensor_from("CachedTransformerLM without a cache", model(torch.cat(chunks, dim=1)))
    return whole.detach(), torch.cat([_logits(model, chunk, cache).detach() for chunk in chunks], dim=1)


def cached_logits_by_turns(
    sizes: dict[str, Any], room: int, first: list[Tensor], second: list[Tensor]
) -> tuple[list[Tensor], list[Tensor]]:
    """Two texts with a cache each and one model, a chunk of each by turns."""
    model, caches = _model(sizes), [_cache(sizes, room), _cache(sizes, room)]
    found: tuple[list[Tensor], list[Tensor]] = [], []
    for pair in zip(first, second, strict=True):
        for chunk, cache, logits in zip(pair, caches, found, strict=True):
            logits.append(_logits(model, chunk, cache).detach())
    return found


def cached_products(sizes: dict[str, Any], room: int, chunks: list[Tensor]) -> list[list[tuple[list[int], list[int]]]]:
    """Both operands' shapes for every matrix product that each chunk took."""
    model, cache = _model(sizes), _cache(sizes, room)
    found = []
    for chunk in chunks:
        with MatmulRecorder() as recorder:
            model(chunk, cache)
        found.append(recorder.shapes)
    return found


def around_a_refusal(
    sizes: dict[str, Any], room: int, before: Tensor, refused: Tensor, after: Tensor
) -> tuple[str, list[int], Tensor]:
    """Feed three chunks, of which the second should raise.

    Returns the name of what it raised ("" for nothing), the cache's length before and after that, and the logits of
    the third.
    """
    model, cache = _model(sizes), _cache(sizes, room)
    _logits(model, before, cache)
    lengths, raised = [int(cache.length)], ""
    try:
        model(refused, cache)
    except NotImplementedError:
        raise
    except Exception as error:
        raised = "ValueError" if isinstance(error, ValueError) else type(error).__name__
    lengths.append(int(cache.length))
    return raised, lengths, _logits(model, after, cache).detach()


def autograd_with_and_without_cache(sizes: dict[str, Any], room: int, chunks: list[Tensor]) -> dict[str, list[bool]]:
    """Whether logits require a gradient: "cached" after each chunk, "whole" without a cache after that; and
    "enabled", whether autograd is on after each of these calls."""
    model, cache = _model(sizes), _cache(sizes, room)
    found: dict[str, list[bool]] = {"cached": [], "whole": [], "enabled": []}
    for chunk in chunks:
        found["cached"].append(_logits(model, chunk, cache).requires_grad)
        found["enabled"].append(torch.is_grad_enabled())
    found["whole"].append(tensor_from("CachedTransformerLM without a cache", model(chunks[0])).requires_grad)
    found["enabled"].append(torch.is_grad_enabled())
    return found


def generated_with_cache(
    sizes: dict[str, Any], prompts: Tensor, max_new_tokens: int
) -> tuple[Tensor, Tensor, list[tuple[list[int], list[int]]]]:
    """The new tokens; the prompts as they are then; both operands' shapes of every matrix product."""
    model = _model(sizes)
    with MatmulRecorder() as recorder:
        tokens = adapters.run_generate_with_cache(model, prompts, max_new_tokens)
    return tensor_from("generate_with_cache", tokens).detach(), prompts, recorder.shapes
