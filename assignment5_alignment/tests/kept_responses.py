"""Steps of expert iteration on scripted answers: what is kept of them, and what is then learned."""

from assignment5_alignment.tests.rehearsal import Rehearsal, Row, sft_loss
from assignment5_alignment.tests.scripted_rollouts import Scripts
from assignment5_alignment.tests.watched_loops import RTOL, check_weights

WHO = "run_expert_iteration_step"
RATE, NORM = 0.1, 1.0


def run(drivers, given: Scripts, group_size: int, batch_size: int, epochs: int, seed: int) -> dict:
    """The hand-in on these answers."""
    return drivers.expert_iteration_run(
        given.weights,
        given.script,
        given.prompts,
        given.truths,
        group_size,
        given.rewards,
        RATE,
        batch_size,
        epochs,
        NORM,
        seed,
    )


def kept_rows(given: Scripts, group_size: int) -> list[Row]:
    """Prompts and responses whose reward is 1."""
    return [
        (prompt, line)
        for prompt, lines in given.script.items()
        for line in lines[:group_size]
        if given.reward(line, prompt) == 1.0
    ]


def check_step(check, report: dict, given: Scripts, group_size: int, epochs: int) -> None:
    """Counts, loss and parameters where every epoch is one update."""
    kept = kept_rows(given, group_size)
    rehearsal = Rehearsal(given.weights, RATE, NORM)
    losses = [rehearsal.update(sft_loss(rehearsal.score(kept))) for _ in range(epochs)]
    returned = report["returned"]
    check.that(isinstance(returned, dict), f"{WHO} returned no dict")
    sampled = group_size * len(given.prompts)
    check.equal([returned["sampled"], returned["kept"]], [sampled, len(kept)], who=f'{WHO}, "sampled" and "kept"')
    check.close(returned["loss"], sum(losses) / len(losses), rtol=RTOL, who=f'{WHO}, "loss"')
    check_weights(check, WHO, report, given.weights, rehearsal.weights)
