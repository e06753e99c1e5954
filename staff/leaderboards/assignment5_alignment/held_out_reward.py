"""Mean reward of a policy's answers to problems that are not in the task.

The problems are drawn from the leaderboard's secret seed, of those with digits that the task does not show. An entry is
parameters and nothing else: they are put into the course's own model, in a box where no code of the entry's is, and that
writes the answers; so there is nothing that could look a problem up, tell the order of the questions, or grade itself. The
rewards are computed here, on the text, by `assignment5_alignment.rewards` in its strict form: each tag once, one answer.
Every entry gets the same random numbers.

Not covered: how the parameters came about. Samples and seconds are what the log says.
"""

import math
import statistics

from assignment5_alignment.rewards import r1_zero_reward
from assignment5_alignment.tasks import task
from assignment5_alignment.tasks.problems import DIGITS, reversals
from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.log import claimed

SLACK = 1.02
"""By so much a run may miss its end."""


def verify(case: Case) -> Measured:
    """Ask, and grade the answers."""
    samples = claimed(case, "samples", "rewarded samples", case.setting("samples"))
    seconds = claimed(case, "wall_s", "seconds of training", case.track.budget_seconds, SLACK)
    problems, answers = hidden(case), case.setting("answers")
    prompts = [prompt for prompt, _ in problems]
    with case.weights_worker() as worker, worker.fresh() as drivers:
        parameters, most = drivers.leaderboard_parameters(), case.setting("parameters")
        if parameters > most:
            raise Refused(f"the policy has {parameters} parameters; expected at most {most}")
        seed = case.draw("answers").integer(0, 2**31)
        responses = drivers.leaderboard_responses(prompts, answers, task("digits").max_tokens, seed)
    if len(responses) != answers * len(problems):
        raise RuntimeError(f"{len(responses)} responses to {len(problems)} prompts; expected {answers} each")
    graded = [r1_zero_reward(text, problems[place // answers][1]) for place, text in enumerate(responses)]
    rewards = [one["reward"] for one in graded]
    means = [statistics.fmean(rewards[place : place + answers]) for place in range(0, len(rewards), answers)]
    return Measured(
        score=statistics.fmean(rewards),
        spread=statistics.stdev(means) / math.sqrt(len(means)),
        measurements={
            "answers of the right form": statistics.fmean(one["format_reward"] for one in graded),
            "different responses": float(len(set(responses))),
            "hidden problems": float(len(problems)),
            "parameters": float(parameters),
            "rewarded samples, as claimed": samples,
            "seconds of training, as claimed": seconds,
        },
        notes=("samples, time and data of the training are as the entrant tells; parameters do not show them",),
    )


def hidden(case: Case) -> list[tuple[str, str]]:
    """Problems that the task shows neither to learn from nor to measure on."""
    shown = task("digits")
    known = {*shown.prompts, *shown.validation_prompts}
    rest = [problem for problem in reversals(DIGITS) if problem[0] not in known]
    return [
        rest[number] for number in case.draw("problems").permutation(len(rest)).tolist()[: case.setting("problems")]
    ]
