"""The three routes of the 2024/25 course, which takes the key as `api_key` in the query, and says `message` in errors."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Query as InQuery

from assignment3_scaling.service.api.access import Door
from assignment3_scaling.service.api.bodies import Answer
from assignment3_scaling.service.errors import RateLimited, ServiceError
from assignment3_scaling.service.offline import Offline

Finite = InQuery(allow_inf_nan=False)
Whole = InQuery(ge=-(2**53), le=2**53)


def offline_routes(offline: Offline, door: Door) -> APIRouter:
    """The routes over a loss function."""
    router = APIRouter(tags=["2024/25"])

    def asking(request: Request, api_key: str | None = None) -> Callable[[], int]:
        return lambda: door.student(request, api_key)

    Asking = Annotated[Callable[[], int], Depends(asking)]

    @router.get("/loss")
    def loss(
        asking: Asking,
        d_model: Annotated[int, Whole],
        num_layers: Annotated[int, Whole],
        num_heads: Annotated[int, Whole],
        batch_size: Annotated[int, Whole],
        learning_rate: Annotated[float, Finite],
        train_flops: Annotated[float, Finite],
    ) -> Answer:
        """The loss of a run, which costs its FLOPs once."""
        numbers: dict[str, float] = {
            "d_model": d_model, "num_layers": num_layers, "num_heads": num_heads, "batch_size": batch_size,
            "learning_rate": learning_rate, "train_flops": train_flops,
        }  # fmt: skip
        return _answer(lambda: offline.loss(asking(), numbers))

    @router.get("/total_flops_used")
    def total_flops_used(asking: Asking) -> Answer:
        """FLOPs of all runs so far."""
        return _answer(lambda: offline.total_flops_used(asking()))

    @router.get("/previous_runs")
    def previous_runs(asking: Asking) -> Answer:
        """All runs so far."""
        return _answer(lambda: {"previous_runs": offline.previous_runs(asking())})

    return router


def _answer(work: Callable[[], object]) -> Answer:
    try:
        return Answer(work())
    except RateLimited:
        raise
    except ServiceError as error:
        return Answer({"message": error.message}, error.status)
