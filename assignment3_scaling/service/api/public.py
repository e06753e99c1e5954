"""The routes of students: the paths, codes and shapes of the 2026 course."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from assignment3_scaling.service.api.access import Door, student_by
from assignment3_scaling.service.api.bodies import Answer, json_body
from assignment3_scaling.service.service import Service


def _takes(shape: str) -> dict[str, object]:
    """What the documentation says about a body, which the route parses itself."""
    schema = {"$ref": f"#/components/schemas/{shape}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def public_routes(service: Service, door: Door, queued: Callable[[], None]) -> APIRouter:
    """The routes over a service; `queued` is called when there is something to run."""
    router = APIRouter()
    student_dependency, submitter_dependency = Depends(student_by(door.student)), Depends(student_by(door.submitter))

    @router.post("/submit", openapi_extra=_takes("TrainingConfig"))
    def submit(
        request: Request,
        student: Annotated[int, submitter_dependency],
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> Answer:
        """Queue a run. With the header `Idempotency-Key` the same request again gives the same answer, and spends once."""
        answer = service.submit(student, json_body(request), idempotency_key=idempotency_key)
        queued()
        return Answer(answer)

    @router.get("/budget")
    def budget(student: Annotated[int, student_dependency]) -> Answer:
        """Seconds used, left, and in all."""
        return Answer(service.budget(student))

    @router.get("/experiments")
    def experiments(student: Annotated[int, student_dependency]) -> Answer:
        """All experiments, the newest first."""
        return Answer(service.experiments(student))

    @router.get("/experiment/{experiment_id}")
    def experiment(experiment_id: int, student: Annotated[int, student_dependency]) -> Answer:
        """One experiment."""
        return Answer(service.experiment(student, experiment_id))

    @router.post("/final_submission", openapi_extra=_takes("FinalSubmission"))
    def submit_final(request: Request, student: Annotated[int, student_dependency]) -> Answer:
        """Take or replace the bet on the final run."""
        return Answer(service.submit_final(student, json_body(request)))

    @router.get("/final_submission")
    def final_submission(student: Annotated[int, student_dependency]) -> Answer:
        """The bet that stands, or null."""
        return Answer(service.final_submission(student))

    @router.get("/limits")
    def limits() -> Answer:
        """The bounds of configs, and the budgets, of what trains here."""
        return Answer({"backend": service.backend.name, **asdict(service.backend.limits)})

    @router.get("/health", include_in_schema=False)
    def health() -> Answer:
        """That the server and its database answer."""
        service.budget(0)
        return Answer({"status": "ok"})

    return router
