"""The application: routes, documentation, refusals as JSON, and the runner that lives as long as it."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse

from assignment3_scaling.service.api.access import Access, Door
from assignment3_scaling.service.api.bodies import Answer
from assignment3_scaling.service.api.envelope import Envelope
from assignment3_scaling.service.api.internal import internal_routes
from assignment3_scaling.service.api.offline import offline_routes
from assignment3_scaling.service.api.public import public_routes
from assignment3_scaling.service.errors import RateLimited, ServiceError
from assignment3_scaling.service.offline import LossFunction, Offline
from assignment3_scaling.service.runner import Runner
from assignment3_scaling.service.schemas import FinalSubmission, TrainingConfig
from assignment3_scaling.service.service import Service

TITLE = "Training API"
ORIGINS = ("null", "http://localhost:8000", "http://127.0.0.1:8000", "http://localhost:8080", "http://127.0.0.1:8080")
"""Pages that may ask from a browser besides the server's own: a page opened as a file, and local servers, as in 2026."""


def create_app(
    service: Service,
    *,
    access: Access | None = None,
    runner: Runner | None = None,
    page: Callable[[], str] | None = None,
    loss_function: LossFunction | None = None,
    lines: logging.Logger | None = None,
) -> FastAPI:
    """The training API over a service.

    `runner` is started and stopped with the application; without one, nothing is run, and no run is taken back.
    `page` gives the dashboard, `loss_function` the losses of the 2024/25 API; without them those routes are not there.
    Requests are logged as JSON to `lines`.
    """
    door = Door(service, access or Access())
    app = FastAPI(title=TITLE, lifespan=_lifespan(runner), redoc_url=None)
    app.include_router(public_routes(service, door, runner.wake if runner else _nobody))
    app.include_router(internal_routes(service, door))
    if loss_function is not None:
        app.include_router(offline_routes(Offline(service, loss_function), door))
    if page is not None:
        _add_dashboard(app, page)
    app.exception_handler(ServiceError)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_not_served)
    app.add_middleware(
        CORSMiddleware,
        allow_origins=ORIGINS,
        allow_methods=("GET", "POST", "OPTIONS"),
        allow_headers=("X-API-Key", "Content-Type", "Idempotency-Key"),
        expose_headers=("X-Request-ID", "Retry-After"),
    )
    app.add_middleware(Envelope, clock=service.clock, lines=lines or logging.getLogger(f"{__name__}.requests"))
    app.openapi = lambda: _documentation(app)  # type: ignore[method-assign]
    return app


def _nobody() -> None:
    """Nobody here is to be woken."""


def _lifespan(runner: Runner | None) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if runner is not None:
            runner.start()
        yield
        if runner is not None:
            runner.stop()

    return lifespan


def _add_dashboard(app: FastAPI, page: Callable[[], str]) -> None:
    @app.get("/", include_in_schema=False)
    def home() -> RedirectResponse:
        return RedirectResponse("/dashboard")

    @app.get("/dashboard", include_in_schema=False)
    def dashboard() -> HTMLResponse:
        return HTMLResponse(page())


def _refused(request: Request, error: ServiceError) -> Answer:
    """What the service refuses."""
    headers = {"Retry-After": str(max(1, round(error.retry_after_seconds)))} if isinstance(error, RateLimited) else None
    return Answer(error.body(), error.status, headers)


def _invalid(request: Request, error: RequestValidationError) -> Answer:
    """A path or header of the wrong type, in the form of our own 422, without what was sent."""
    problems = [{"loc": one["loc"], "msg": one["msg"], "type": one["type"]} for one in error.errors()]
    return Answer({"detail": problems}, 422)


def _not_served(request: Request, error: HTTPException) -> Answer:
    """A path or method that there is not."""
    return Answer({"detail": error.detail}, error.status_code, dict(error.headers or {}))


def _documentation(app: FastAPI) -> dict[str, Any]:
    """OpenAPI, with the shapes of the bodies that the routes parse themselves."""
    if app.openapi_schema is None:
        shapes = [(TrainingConfig, "validation"), (FinalSubmission, "validation")]
        schema = get_openapi(title=TITLE, version="2026", routes=app.routes)
        _, definitions = models_json_schema(shapes, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
        schema.setdefault("components", {}).setdefault("schemas", {}).update(definitions["$defs"])
        app.openapi_schema = schema
    return app.openapi_schema
