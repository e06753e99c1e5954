"""What workers say: events while a run is going on, and how it ended."""

from typing import Annotated, Any, Literal

from pydantic import Field, Strict, model_validator
from pydantic_core import PydanticCustomError

from assignment3_scaling.service.backend import Failure, Outcome
from assignment3_scaling.service.schemas import Count, Number, Shape, Text, Truth

RunId = Annotated[str, Strict(), Field(min_length=1, max_length=64)]
Losses = Annotated[tuple[Number | None, ...], Field(max_length=4096)]


class Claim(Shape):
    """A worker asks for at most so many runs."""

    worker: Annotated[str, Strict(), Field(min_length=1, max_length=200, pattern=r"^[\x20-\x7e]*$")]
    at_most: Annotated[Count, Field(ge=1, le=1000)]


class RunStarted(Shape):
    """The run has begun."""

    log_type: Literal["run_started"] = "run_started"
    run_id: RunId


class RunHeartbeat(Shape):
    """The run is still going on."""

    log_type: Literal["run_heartbeat"] = "run_heartbeat"
    run_id: RunId


class ValidationLoss(Shape):
    """An evaluation, counted from 0, and its loss: null where it is not a number."""

    log_type: Literal["validation_loss"] = "validation_loss"
    run_id: RunId
    evaluation: Annotated[Count, Field(ge=0)]
    val_loss: Number | None


class Preempted(Shape):
    """The run is given up, and queued again. `lost` says that its process died, which may be the run's own doing:
    after some times it has failed; a worker that takes its leave may do so as often as it likes."""

    log_type: Literal["preempted"] = "preempted"
    run_id: RunId
    lost: Truth = False


Event = Annotated[RunStarted | RunHeartbeat | ValidationLoss | Preempted, Field(discriminator="log_type")]


class EventReport(Shape):
    """An event by itself: what the body of the route is parsed as."""

    event: Event


class TimeoutReason(Shape):
    """Cut off after `max_runtime_seconds`."""

    reason: Literal["timeout"] = "timeout"
    partial_val_losses: Losses


class NumericalReason(Shape):
    """The loss was no longer a number."""

    reason: Literal["numerical"] = "numerical"
    partial_val_losses: Losses
    failure: Text = ""


class OutOfMemoryReason(Shape):
    """The model and its batch were larger than the memory."""

    reason: Literal["out_of_memory"] = "out_of_memory"
    partial_val_losses: Losses = ()
    failure: Text


class UnexpectedReason(Shape):
    """Anything else."""

    reason: Literal["unexpected"] = "unexpected"
    partial_val_losses: Losses = ()
    failure: Text


FailReason = Annotated[
    TimeoutReason | NumericalReason | OutOfMemoryReason | UnexpectedReason, Field(discriminator="reason")
]


class Completed(Shape):
    """The run has reached its end, and every evaluation."""

    result_type: Literal["completed"] = "completed"
    run_id: RunId
    used_runtime_seconds: Annotated[Number, Field(ge=0)]
    val_losses: Annotated[tuple[Number, ...], Field(max_length=4096)]


class Failed(Shape):
    """The run has ended before."""

    result_type: Literal["failed"] = "failed"
    run_id: RunId
    used_runtime_seconds: Annotated[Number, Field(ge=0)]
    reason: FailReason


class ResultReport(Shape):
    """A result by itself: what the body of the route is parsed as."""

    result: Annotated[Completed | Failed, Field(discriminator="result_type")]

    @model_validator(mode="after")
    def _nothing_that_databases_refuse(self) -> "ResultReport":
        if isinstance(self.result, Failed) and "\0" in getattr(self.result.reason, "failure", ""):
            raise PydanticCustomError("text", "failure must not contain the character NUL")
        return self


def result_of(outcome: Outcome, run_id: str) -> dict[str, Any]:
    """The report about an outcome, as JSON."""
    used = outcome.used_runtime_seconds
    if outcome.failure is None:
        losses = [loss for loss in outcome.val_losses if loss is not None]
        return {"result_type": "completed", "run_id": run_id, "used_runtime_seconds": used, "val_losses": losses}
    reason: dict[str, Any] = {"reason": outcome.failure.reason, "partial_val_losses": list(outcome.val_losses)}
    if outcome.failure.reason != "timeout":
        reason["failure"] = _tidy(outcome.failure.text)
    return {"result_type": "failed", "run_id": run_id, "used_runtime_seconds": used, "reason": reason}


def unexpected(text: str) -> Outcome:
    """The outcome of a run that its backend could not carry out: the student is charged as little as can be."""
    return Outcome(0.0, (), Failure("unexpected", text))


def _tidy(text: str) -> str:
    """Text as it may stand in a report: no lone surrogates, no NUL, not endless."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")[:4000]
