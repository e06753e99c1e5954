"""Models whose parameters have given sizes, and which buckets they must travel in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from assignment2_systems.tests.parallel_training import WIDTH, all_reduces, plan_of, size_in_bytes, trained

UNIT = 400
"""Bytes: twenty rows of the toy models' width in float32. Limits are whole units, and up to twenty of them a megabyte of
2^20 bytes holds as many as one of 10^6: it is less than 5 % larger."""
MEBI = 2**20 / 10**6


def sized_plan(
    draw: Any, sizes: Sequence[int], limit: int, *, dtype: torch.dtype = torch.float32, **description: Any
) -> dict[str, Any]:
    """Two ranks with parameters layer0, layer1, ... of so many units each, and buckets of `limit` units."""
    shapes = {f"layer{place}": (size * UNIT // (dtype.itemsize * WIDTH), WIDTH) for place, size in enumerate(sizes)}
    plan = plan_of(
        draw,
        "bucketed",
        2,
        steps=2,
        shapes=shapes,
        dtype=dtype,
        bucket_size_mb=limit * UNIT / 10**6,
        **description,
    )
    for model in plan["models"]:  # wide layers, whose outputs would grow
        model["parameters"] = {name: 0.1 * tensor for name, tensor in model["parameters"].items()}
    return plan


def filled(sizes: Sequence[int], limit: int) -> list[int]:
    """The buckets, in units, that parameters of these sizes fill from the last to the first."""
    buckets: list[int] = []
    for size in reversed(sizes):
        if buckets and buckets[-1] + size <= limit:
            buckets[-1] += size
        else:
            buckets.append(size)
    return buckets


def check_buckets(
    check: Any, found: Sequence[Mapping[str, Any]], units: Sequence[int], phases: set[str] | None = None
) -> None:
    """In every step the all-reduces carry so many units, in this order."""
    for rank, of_rank in enumerate(found):
        for number, step in enumerate(of_rank["steps"], start=1):
            sent = [event["bytes"] for event in all_reduces(step)]
            begun = {event["phase"] for event in all_reduces(step)}
            who = f"get_ddp_bucketed: on rank {rank} in step {number}"
            check.that(
                sent == [unit * UNIT for unit in units],
                f"{who} the all-reduces carried {sent} bytes; expected {[unit * UNIT for unit in units]}: buckets are "
                "filled in reverse order of parameters(), and leave in the order they were filled",
            )
            during = all(phase.startswith("backward") for phase in begun) and (phases is None or begun == phases)
            check.that(during, f"{who} a bucket left at another time than when it was its turn during backward()")


def check_limits(check: Any, found: Sequence[Mapping[str, Any]], plan: Mapping[str, Any]) -> None:
    """No all-reduce carries more than the limit, unless it carries one parameter alone."""
    limit = plan["bucket_size_mb"] * 10**6 * MEBI
    alone = {size_in_bytes(tensor) for tensor in trained(plan).values()}
    for of_rank in found:
        for event in (event for step in of_rank["steps"] for event in all_reduces(step)):
            check.that(
                event["bytes"] <= limit or event["bytes"] in alone,
                f"get_ddp_bucketed: an all-reduce carried {event['bytes']} bytes of several parameters; expected at most "
                f"{plan['bucket_size_mb']} MB",
            )
