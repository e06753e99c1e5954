"""The client that a graded policy is given: the same methods and refusals as the other clients, no service behind it."""

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assignment3_scaling.service import errors

Json = dict[str, Any]


class CampaignOver(RuntimeError):
    """A thread that was left over asks after the end of its campaign."""

    def __init__(self) -> None:
        super().__init__("the campaign is over: its client answers no more")


@dataclass
class Ask:
    """A request, and the place its answer is put; None there says that none will come."""

    name: str
    arguments: Json
    answer: "queue.SimpleQueue[Json | None]" = field(default_factory=queue.SimpleQueue)


class CampaignClient:
    """What `service.client.Client` says, method by method. The runs are simulated, so `wait` takes no time."""

    ServiceError = errors.ServiceError
    InvalidConfig = errors.InvalidConfig
    InsufficientBudget = errors.InsufficientBudget
    Unauthorized = errors.Unauthorized
    Closed = errors.Closed
    NotFound = errors.NotFound
    AlreadyExists = errors.AlreadyExists
    Conflict = errors.Conflict
    RateLimited = errors.RateLimited
    Unavailable = errors.Unavailable

    def __init__(self, put: Callable[[Ask], None]) -> None:
        self._put = put

    def submit(self, training_config: Json) -> Json:
        """Queue a run: {"experiment_id", "budget_summary"}."""
        return self._asked("submit", training_config=training_config)

    def budget(self) -> Json:
        """{"used_seconds", "remaining_seconds", "total_budget_seconds"}."""
        return self._asked("budget")

    def experiments(self) -> list[Json]:
        """Every experiment, the newest first."""
        return self._asked("experiments")

    def experiment(self, experiment_id: int) -> Json:
        """{"experiment_id", "training_config", "status"}."""
        return self._asked("experiment", experiment_id=experiment_id)

    def wait(self, experiment_id: int) -> Json:
        """The experiment once it has completed or failed."""
        return self._asked("wait", experiment_id=experiment_id)

    def submit_final(
        self, training_config: Json, predicted_final_loss: float, prediction_interval: tuple[float, float] | None = None
    ) -> Json:
        """Bet on the large run; the last bet counts."""
        return self._asked(
            "submit_final",
            training_config=training_config,
            predicted_final_loss=predicted_final_loss,
            prediction_interval=prediction_interval,
        )

    def final_submission(self) -> Json | None:
        """The bet as it stands; None before the first."""
        return self._asked("final_submission")

    def _asked(self, name: str, **arguments: Any) -> Any:
        ask = Ask(name, {key: plain(value, f"{key} of client.{name}") for key, value in arguments.items()})
        self._put(ask)
        answer = ask.answer.get()
        if answer is None:
            raise CampaignOver
        if "refusal" in answer:
            raise _refusal(answer["refusal"], answer["attributes"])
        return answer["value"]


def _refusal(name: str, attributes: Json) -> errors.ServiceError:
    """The error that the service raised, made again from its attributes."""
    kind: type[errors.ServiceError] = getattr(errors, name)
    error = kind.__new__(kind)
    Exception.__init__(error, attributes["message"])
    vars(error).update(attributes)
    return error


def plain(value: Any, where: str) -> Any:
    """A copy of `value` as JSON knows it; NumPy's scalars become Python's, tuples lists.

    Raises:
        TypeError: a part of it is nothing that JSON knows; the message says where.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise TypeError(f"{where} has keys that are not strings")
        return {key: plain(part, f"{where}[{key!r}]") for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part, f"{where}[{index}]") for index, part in enumerate(value)]
    raise TypeError(f"{where} is a {type(value).__name__}; expected numbers, strings, None, lists and dicts of these")
