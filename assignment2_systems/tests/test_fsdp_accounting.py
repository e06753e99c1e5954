"""Fully sharded training: what a rank keeps, what it gathers, and what it sends."""

import pytest

XL, NORMS = 3_406_809_600, 166_400
STATE, SENT, GATHERED = "run_training_state_bytes", "run_fsdp_communication_bytes", "run_fsdp_gathered_bytes"


def dealt(P, ws, replicated):
    """The numbers on rank 0, which has the most: its share, and what all have."""
    return len(range(0, P - replicated, ws)) + replicated


def test_state_of_random_models(adapters, check, draw):
    for _ in range(8):
        P, ws = draw.integer(10**4, 10**12), draw.integer(1, 300)
        replicated = draw.integer(0, 10**4)
        kept = dealt(P, ws, replicated)
        found = adapters.run_training_state_bytes(P, ws, "fsdp", replicated)
        check.equal(found, {"params": 4 * kept, "grads": 4 * kept, "opt": 8 * kept}, who=f"{STATE} for fsdp")


def test_nothing_is_replicated_unless_it_is_said(adapters, check, draw):
    P = draw.integer(100, 10**9)
    kept = dealt(P, 8, 0)
    found = adapters.run_training_state_bytes(P, 8, "fsdp")
    check.equal(found, {"params": 4 * kept, "grads": 4 * kept, "opt": 8 * kept}, who=f"{STATE} for fsdp")


def test_the_xl_model_on_two_ranks(adapters, check):
    found = sum(adapters.run_training_state_bytes(XL, 2, "fsdp", NORMS).values())
    check.that(round(found / 1e9, 2) == 27.26, f"{STATE} for fsdp is not the handout's 27.26 GB")


def test_the_rank_with_the_most_counts(adapters, check):
    check.equal(adapters.run_training_state_bytes(13, 4, "fsdp", 3)["params"], 24, who=f"{STATE} for params")


@pytest.mark.parametrize("compute_bytes", [2, 4])
def test_bytes_that_a_rank_sends(adapters, check, draw, compute_bytes):
    """Counted by steps of the ring: in each, a rank sends one part of a tensor."""
    for _ in range(6):
        P, ws, replicated = draw.integer(10**4, 10**12), draw.integer(2, 300), draw.integer(1, 10**4)
        sharded = P - replicated
        rounds = [compute_bytes * sharded, compute_bytes * sharded, 4 * sharded, 4 * replicated, 4 * replicated]
        expected = sum(size / ws * (ws - 1) for size in rounds)
        found = adapters.run_fsdp_communication_bytes(P, ws, replicated, compute_bytes)
        check.close(
            found, expected, rtol=1e-9, who=f"{SENT} in {compute_bytes} bytes a parameter",
            hint="parameters go out twice in the dtype of computation, gradients once in float32",
        )  # fmt: skip


def test_where_all_is_replicated_it_is_an_all_reduce(adapters, check, draw):
    P, ws = draw.integer(100, 10**9), draw.integer(2, 50)
    expected = 2 * 4 * P * (ws - 1) / ws
    check.close(adapters.run_fsdp_communication_bytes(P, ws, P, 2), expected, rtol=1e-9, who=SENT)


def test_a_single_rank_sends_nothing(adapters, check):
    check.that(adapters.run_fsdp_communication_bytes(1000, 1, 10, 4) == 0, f"{SENT} of one rank is not 0")


@pytest.mark.parametrize("prefetch", [0, 1, 2])
def test_gathered_layers_of_random_models(adapters, check, draw, prefetch):
    for _ in range(5):
        layers = [draw.integer(1, 10**6) for _ in range(draw.integer(1, 12))]
        most = 0
        for place, own in enumerate(layers):
            alive = own
            for ahead in range(1, prefetch + 1):
                alive += layers[place + ahead] if place + ahead < len(layers) else 0
            most = max(most, alive)
        found = adapters.run_fsdp_gathered_bytes(layers, 2, prefetch)
        check.equal(found, 2 * most, who=f"{GATHERED} with {prefetch} layers ahead")


def test_the_largest_layer_may_be_the_last(adapters, check):
    check.equal(adapters.run_fsdp_gathered_bytes([5, 1, 1, 70], 4, 0), 280, who=GATHERED)
    check.equal(adapters.run_fsdp_gathered_bytes([5, 1, 1, 70], 4, 1), 284, who=GATHERED)
    check.equal(adapters.run_fsdp_gathered_bytes([5, 1], 4, 7), 24, who=f"{GATHERED}, more layers ahead than there are")
