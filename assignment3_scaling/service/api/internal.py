"""The routes of workers on other machines: the same `Workers` that the server's own runner reports to."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from assignment3_scaling.service.api.access import Door, worker_by
from assignment3_scaling.service.api.bodies import Answer, json_body
from assignment3_scaling.service.reports import Claim
from assignment3_scaling.service.schemas import parse
from assignment3_scaling.service.service import Service


def internal_routes(service: Service, door: Door) -> APIRouter:
    """The routes over a service; they are not in its documentation."""
    router = APIRouter(prefix="/internal/worker", include_in_schema=False)
    worker = Depends(worker_by(door))

    @router.post("/claim")
    def claim(request: Request, _: Annotated[None, worker]) -> Answer:
        """Runs for a worker, `{"worker", "at_most"}`."""
        asked = parse(Claim, json_body(request))
        return Answer([asdict(job) for job in service.workers.claim(asked.worker, asked.at_most)])

    @router.post("/{experiment_id}/event")
    def event(experiment_id: int, request: Request, _: Annotated[None, worker]) -> Response:
        """Something happened in a run."""
        service.workers.event(experiment_id, json_body(request))
        return Response(status_code=204)

    @router.post("/{experiment_id}/finish")
    def finish(experiment_id: int, request: Request, _: Annotated[None, worker]) -> Response:
        """A run has ended."""
        service.workers.finish(experiment_id, json_body(request))
        return Response(status_code=204)

    return router
