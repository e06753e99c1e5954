"""A sharded optimizer: what a rank keeps, at which stage, and what it sends."""

import pytest

XL = 3_406_809_600
STATE, STAGES, SENT = "run_training_state_bytes", "run_memory_at_stages", "run_step_communication_bytes"
MODES = ("ddp", "sharded_optimizer")


def shares(numbers, ws):
    """So many numbers dealt out to the ranks, one after the other."""
    return [numbers // ws + (rank < numbers % ws) for rank in range(ws)]


def state(P, ws, mode):
    moments = P if mode == "ddp" else max(shares(P, ws))
    return {"params": 4 * P, "grads": 4 * P, "opt": 2 * 4 * moments}


@pytest.mark.parametrize("mode", MODES)
def test_state_of_random_models(adapters, check, draw, mode):
    for _ in range(6):
        P, ws = draw.integer(100, 10**12), draw.integer(1, 300)
        check.equal(adapters.run_training_state_bytes(P, ws, mode), state(P, ws, mode), who=f"{STATE} for {mode}")


@pytest.mark.parametrize(("mode", "gigabytes"), [("ddp", 54.51), ("sharded_optimizer", 40.88)])
def test_state_of_the_xl_model_on_two_ranks(adapters, check, mode, gigabytes):
    found = sum(adapters.run_training_state_bytes(XL, 2, mode).values())
    check.that(round(found / 1e9, 2) == gigabytes, f"{STATE} for {mode} is not the handout's {gigabytes} GB")


@pytest.mark.parametrize("mode", MODES)
def test_replicated_parameters_change_nothing_here(adapters, check, draw, mode):
    P = draw.integer(10**4, 10**9)
    found = adapters.run_training_state_bytes(P, 4, mode, draw.integer(1, 10**4))
    check.equal(found, state(P, 4, mode), who=f"{STATE} for {mode} with replicated parameters")


def test_a_single_rank_saves_nothing(adapters, check, draw):
    P = draw.integer(100, 10**10)
    check.equal(adapters.run_training_state_bytes(P, 1, "sharded_optimizer"), state(P, 1, "ddp"), who=STATE)


def test_the_rank_with_the_most_counts(adapters, check):
    check.equal(adapters.run_training_state_bytes(10, 4, "sharded_optimizer")["opt"], 24, who=f"{STATE} for opt")
    check.equal(adapters.run_training_state_bytes(3, 8, "sharded_optimizer")["opt"], 8, who=f"{STATE} for opt")


@pytest.mark.parametrize("mode", MODES)
def test_memory_at_each_stage(adapters, check, draw, mode):
    for P, ws in ((XL, 2), (draw.integer(100, 10**10), draw.integer(1, 100))):
        parts = state(P, ws, mode)
        stages = {
            "after_init": parts["params"],
            "before_step": parts["params"] + parts["grads"],
            "after_step": parts["params"] + parts["grads"] + parts["opt"],
        }
        found = adapters.run_memory_at_stages(P, ws, mode)
        check.equal(sorted(found), sorted(stages), who=f"{STAGES}, as its keys,")
        for stage, expected in stages.items():
            check.equal(found[stage], expected, who=f"{STAGES} for {mode}, {stage},")


@pytest.mark.parametrize(
    ("mode", "collectives"),
    [
        ("ddp", ["all_reduce"]),
        ("sharded_optimizer", ["all_reduce", "broadcast"]),
        ("zero1", ["reduce_scatter", "all_gather"]),
    ],
)
def test_bytes_that_a_rank_sends(adapters, check, draw, mode, collectives):
    """Counted by steps of the ring: in each, a rank sends one part of its tensor."""
    steps = {"all_reduce": 2, "reduce_scatter": 1, "all_gather": 1, "broadcast": 1}
    for _ in range(5):
        P, ws = draw.integer(100, 10**12), draw.integer(2, 300)
        part = 4 * P / ws
        expected = sum(part for each in collectives for _ in range(steps[each]) for _ in range(ws - 1))
        check.close(
            adapters.run_step_communication_bytes(P, ws, mode),
            expected,
            rtol=1e-9,
            who=f"{SENT} for {mode}, {ws} ranks",
        )


@pytest.mark.parametrize("mode", ["ddp", "sharded_optimizer", "zero1"])
def test_a_single_rank_sends_nothing(adapters, check, mode):
    check.that(adapters.run_step_communication_bytes(1000, 1, mode) == 0, f"{SENT} of one rank is not 0")
