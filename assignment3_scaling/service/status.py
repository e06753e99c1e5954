"""How an experiment is shown to its student: the JSON of the 2026 API."""

from datetime import datetime
from typing import Any

from assignment3_scaling.service.store.tables import Experiment

Json = dict[str, Any]


def experiment_json(row: Experiment, *, public_client: bool) -> Json:
    """`{"experiment_id", "training_config", "status"}`. With `public_client`, in shapes that the client of 2026 knows."""
    status = _status(row)
    return {
        "experiment_id": row.id,
        "training_config": row.training_config,
        "status": _as_in_2026(status) if public_client else status,
    }


def _status(row: Experiment) -> Json:
    status: Json = {"status_type": row.state, "queued_at": text(row.queued_at)}
    if row.state == "queued":
        return status
    status |= {"dispatched_at": text(row.dispatched_at), "run_id": row.run_id}
    if row.state == "running":
        return {**status, "val_losses": row.val_losses}
    status["used_runtime_seconds"] = row.used_runtime_seconds
    if row.state == "completed":
        return {**status, "val_losses": row.val_losses, "completed_at": text(row.ended_at)}
    return {**status, "reason": row.reason, "failed_at": text(row.ended_at)}


def _as_in_2026(status: Json) -> Json:
    """Losses that are no numbers are left out with all after them, and there are two reasons to fail."""
    if "val_losses" in status:
        losses = status["val_losses"]
        return {**status, "val_losses": losses[: losses.index(None)] if None in losses else losses}
    reason = status.get("reason")
    if reason is None:
        return status
    if reason["reason"] == "timeout":
        return {**status, "reason": reason}
    text = f"{reason['reason']}: {reason['failure']}" if reason["reason"] != "unexpected" else reason["failure"]
    return {**status, "reason": {"reason": "unexpected", "failure": text}}


def text(moment: datetime | None) -> str | None:
    """A moment as in JSON."""
    return moment.isoformat() if moment else None
