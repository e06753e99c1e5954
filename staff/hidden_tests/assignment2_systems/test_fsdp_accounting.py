"""Fully sharded training: other models, and equal layers."""

import pytest

MODELS = {"small": 128_625_408, "medium": 423_183_360, "large": 969_411_840, "leaderboard": 8_125_698_048}


@pytest.mark.parametrize("name", MODELS)
def test_models_of_the_course(adapters, check, draw, name):
    P, ws, replicated = MODELS[name], draw.integer(2, 130), draw.integer(1, 10**6)
    kept = -(-(P - replicated) // ws) + replicated
    found = adapters.run_training_state_bytes(P, ws, "fsdp", replicated)
    check.equal(
        found, {"params": 4 * kept, "grads": 4 * kept, "opt": 8 * kept}, who="run_training_state_bytes for fsdp"
    )


def test_half_precision_saves_a_third_of_the_traffic(adapters, check, draw):
    P, ws = draw.integer(10**6, 10**10), draw.integer(2, 100)
    full, half = (adapters.run_fsdp_communication_bytes(P, ws, 0, width) for width in (4, 2))
    check.close(full, 12 * P * (ws - 1) / ws, rtol=1e-9, who="run_fsdp_communication_bytes")
    check.close(half / full, 2 / 3, rtol=1e-9, who="run_fsdp_communication_bytes, as the ratio of 2 bytes to 4,")


def test_equal_layers(adapters, check, draw):
    size, count, prefetch = draw.integer(1, 10**8), draw.integer(4, 40), draw.integer(0, 4)
    found = adapters.run_fsdp_gathered_bytes([size] * count, 2, prefetch)
    check.equal(found, 2 * size * (prefetch + 1), who="run_fsdp_gathered_bytes")
