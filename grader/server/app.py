"""The application: routes for programs and pages, and refusals in the form that whoever asked can read."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response

from grader.server.api import api_routes
from grader.server.envelope import Envelope
from grader.server.errors import RateLimited, ServerRefusal
from grader.server.office import Office
from grader.server.pages.routes import error_page, page_routes
from grader.version import version

API = "/api/"


def create_app(office: Office, lines: logging.Logger | None = None) -> FastAPI:
    """The course server over an office. Requests are logged as JSON to `lines`."""
    app = FastAPI(
        title="Course server", version=version(), docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    app.include_router(api_routes(office))
    app.include_router(page_routes(office))

    @app.get("/api/health")
    def health() -> dict[str, str]:
        """That the server answers, and its database does."""
        office.database.check()
        return {"status": "well"}

    app.exception_handler(ServerRefusal)(_refused)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_not_served)
    app.add_middleware(
        Envelope, clock=office.clock, lines=lines or logging.getLogger(f"{__name__}.requests"),
        https=office.settings.https,
    )  # fmt: skip
    return app


def _refused(request: Request, error: ServerRefusal) -> Response:
    headers = {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, round(error.seconds)))
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _answer(request, error.status, str(error), headers)


def _invalid(request: Request, error: RequestValidationError) -> Response:
    """A path or a query of the wrong type, without what was sent."""
    said = "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())
    return _answer(request, 422, said, {})


def _not_served(request: Request, error: HTTPException) -> Response:
    """A path or a method that there is not."""
    return _answer(request, error.status_code, str(error.detail), dict(error.headers or {}))


def _answer(request: Request, status: int, message: str, headers: dict[str, Any]) -> Response:
    if request.url.path.startswith(API):
        return JSONResponse({"detail": message}, status, headers)
    return HTMLResponse(error_page(status, message), status, headers)
