"""From a config to what is trained of it, and from what came of that to what the run is charged: the same on every machine.

Whether a run is too large for the memory, or longer than its limit, is known by formulas before it starts. One that
would time out is trained up to the last evaluation before its limit, whose losses the student gets, and charged the limit.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from assignment3_scaling.service.backend import Failure, Outcome
from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.schemas import TrainingConfig
from assignment3_scaling.service.training.costs import REFUSED_SECONDS, Costs
from assignment3_scaling.service.training.source import VOCAB_SIZE
from assignment3_scaling.service.training.task import Event, Task

LIMITS = Limits(
    seq_len=64, n_val_tokens=2**14, max_train_tokens=2**30, min_vocab_size=VOCAB_SIZE, max_size=2**16, max_evals=256,
    max_seed=2**63 - 1, max_runtime_seconds=600.0, final_runtime_seconds=2_400.0, total_budget_seconds=600.0,
)  # fmt: skip
"""Ten minutes of a core to learn from, forty for the final run: the proportions of the 2026 course."""

MEMORY_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Accounts:
    """The rules of one backend: the limits of its configs, and the memory that its formula may come to."""

    limits: Limits = LIMITS
    memory_bytes: int = MEMORY_BYTES

    def train(
        self,
        config: TrainingConfig,
        student: int | str,
        device: str,
        run: Callable[[Task], Iterable[Event]],
        report: Callable[[float | None], None],
    ) -> Outcome:
        """The outcome of a config, whose training `run` does and tells the events of.

        Raises:
            Preempted: `run` raises it.
        """
        problem = self._problem(config)
        if problem is not None:
            return Outcome(REFUSED_SECONDS, (), problem)
        costs, reached = self._costs(config), self._evaluations(config)
        a_evaluation = costs.steps // config.n_evals
        losses: list[float | None] = []
        for event in run(Task(config, student, self.limits, reached, device)) if reached else ():
            if event["event"] == "loss":
                losses.append(event["loss"])
                report(event["loss"])
            elif event["event"] == "failed":
                seconds = costs.seconds(a_evaluation * len(losses))
                return Outcome(seconds, tuple(losses), Failure(event["reason"], event["text"]))
        if None in losses:
            text = "the loss is not a number any more"
            return Outcome(costs.seconds(a_evaluation * len(losses)), tuple(losses), Failure("numerical", text))
        if reached < config.n_evals:
            return Outcome(config.max_runtime_seconds, tuple(losses), Failure("timeout"))
        return Outcome(costs.seconds(costs.steps), tuple(losses))

    def infeasible(self, config: TrainingConfig, seconds: float) -> str | None:
        """Why a run of `config` cannot be completed in `seconds`; None where it can."""
        problem, costs = self._problem(config), self._costs(config)
        if problem is not None:
            return problem.text
        needed, most = costs.seconds(costs.steps), min(seconds, config.max_runtime_seconds)
        return f"the run takes {needed:.0f} s; expected at most {most:.0f} s" if needed > most else None

    def _costs(self, config: TrainingConfig) -> Costs:
        return Costs(config, self.limits.seq_len)

    def _problem(self, config: TrainingConfig) -> Failure | None:
        """Why a config fails before its first step; None where it does not."""
        if config.architecture_config.attention_bias:
            return Failure("unexpected", "attention_bias must be false: assignment 1's attention has no biases")
        needed = self._costs(config).memory_bytes()
        if needed > self.memory_bytes:
            most = self.memory_bytes
            text = f"a step needs {needed / 2**20:,.0f} MiB of memory; the machine has {most / 2**20:,.0f} MiB"
            return Failure("out_of_memory", text)
        return None

    def _evaluations(self, config: TrainingConfig) -> int:
        """How many evaluations lie within the run's own limit."""
        costs = self._costs(config)
        return sum(
            costs.seconds(costs.steps // config.n_evals * number) <= config.max_runtime_seconds
            for number in range(1, config.n_evals + 1)
        )
