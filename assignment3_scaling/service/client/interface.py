"""What a campaign may ask of the training API: the same calls in process, over HTTP and in the grader.

Arguments and results are plain dictionaries, lists and numbers, in the JSON shapes of the handout's section on the
API. What is refused raises a `ServiceError`; the classes to catch hang on every client, so that code that is given
one needs no import: `except client.AlreadyExists as error: ...`.
"""

from typing import Any

from assignment3_scaling.service import errors

Json = dict[str, Any]


class Client:
    """One student's way to the service; `HttpClient` and `InProcessClient` are two."""

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

    def submit(self, training_config: Json) -> Json:
        """Queue a run: {"experiment_id", "budget_summary"}.

        Raises:
            InvalidConfig, InsufficientBudget, AlreadyExists: nothing was queued.
        """
        raise NotImplementedError

    def budget(self) -> Json:
        """{"used_seconds", "remaining_seconds", "total_budget_seconds"}; a run that is not over counts as long as it may take."""
        raise NotImplementedError

    def experiments(self) -> list[Json]:
        """Every experiment, the newest first."""
        raise NotImplementedError

    def experiment(self, experiment_id: int) -> Json:
        """{"experiment_id", "training_config", "status"}.

        Raises:
            NotFound: there is none of this number, or it is another student's.
        """
        raise NotImplementedError

    def wait(self, experiment_id: int) -> Json:
        """The experiment once it has completed or failed; blocks until then."""
        raise NotImplementedError

    def submit_final(
        self, training_config: Json, predicted_final_loss: float, prediction_interval: tuple[float, float] | None = None
    ) -> Json:
        """Hand in the config of the large run, the loss it is bet to end at, and between which losses; the last bet counts."""
        raise NotImplementedError

    def final_submission(self) -> Json | None:
        """The bet as it stands; None before the first."""
        raise NotImplementedError


def is_over(experiment: Json) -> bool:
    """Whether an experiment has completed or failed, after which nothing about it changes."""
    return status_of(experiment) in ("completed", "failed")


def status_of(experiment: Json) -> str:
    """queued, running, completed or failed."""
    return str(experiment["status"]["status_type"])


def losses_of(experiment: Json) -> list[float | None]:
    """The validation losses so far, in order, None for one that was no number; of a failed run those that it reached."""
    status = experiment["status"]
    reason = status.get("reason")
    reached = reason.get("partial_val_losses") if isinstance(reason, dict) else None
    return list(status.get("val_losses") or reached or [])


def reason_of(experiment: Json) -> str:
    """Why a run failed, in words; empty for one that has not."""
    reason = experiment["status"].get("reason") or {}
    kind, text = str(reason.get("reason", "")), str(reason.get("failure") or "")
    return f"{kind}: {text}" if text else kind


def bet(
    training_config: Json, predicted_final_loss: float, prediction_interval: tuple[float, float] | None = None
) -> Json:
    """The body of a final submission."""
    body: Json = {"training_config": training_config, "predicted_final_loss": predicted_final_loss}
    if prediction_interval is not None:
        body["prediction_interval"] = dict(zip(("low", "high"), prediction_interval, strict=True))
    return body
