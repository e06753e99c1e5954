"""A sharded optimizer: other models, and many ranks."""

import pytest

MODELS = {
    "small": 128_625_408,
    "medium": 423_183_360,
    "large": 969_411_840,
    "10B": 12_832_823_808,
    "leaderboard": 8_125_698_048,
}


@pytest.mark.parametrize("name", MODELS)
def test_models_of_the_course(adapters, check, draw, name):
    P, ws = MODELS[name], draw.integer(2, 65)
    whole = {"params": 4 * P, "grads": 4 * P, "opt": 8 * P}
    check.equal(adapters.run_training_state_bytes(P, ws, "ddp"), whole, who="run_training_state_bytes for ddp")
    divided = {**whole, "opt": 8 * ((P + ws - 1) // ws)}
    check.equal(
        adapters.run_training_state_bytes(P, ws, "sharded_optimizer"), divided,
        who="run_training_state_bytes for sharded_optimizer",
    )  # fmt: skip
    found = adapters.run_memory_at_stages(P, ws, "sharded_optimizer")
    expected = {"after_init": 4 * P, "before_step": 8 * P, "after_step": 8 * P + divided["opt"]}
    check.equal(found, expected, who="run_memory_at_stages for sharded_optimizer")


def test_on_many_ranks_traffic_hardly_depends_on_their_number(adapters, check, draw):
    P = draw.integer(10**9, 10**10)
    for mode, times in (("ddp", 8), ("sharded_optimizer", 12), ("zero1", 8)):
        found = adapters.run_step_communication_bytes(P, 10**6, mode)
        check.close(found, times * P, rtol=1e-5, who=f"run_step_communication_bytes for {mode}")
        check.close(
            adapters.run_step_communication_bytes(P, 2, mode), times * P / 2, rtol=1e-9,
            who=f"run_step_communication_bytes for {mode} on two ranks",
        )  # fmt: skip
