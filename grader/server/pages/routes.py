"""All pages, their style sheet, and the page that says what went wrong."""

import hashlib

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from grader.server.office import Office
from grader.server.pages.own import own_routes
from grader.server.pages.public import public_routes
from grader.server.pages.rendering import page, style
from grader.server.pages.staff import staff_routes

STYLE_SECONDS = 3600


def page_routes(office: Office) -> APIRouter:
    """The routes of all pages."""
    router = APIRouter(include_in_schema=False)
    for part in (public_routes, own_routes, staff_routes):
        router.include_router(part(office))
    sheet = style()
    tag = f'"{hashlib.sha256(sheet).hexdigest()[:16]}"'

    @router.get("/static/style.css")
    def style_sheet(request: Request) -> Response:
        """The one style sheet."""
        headers = {"ETag": tag, "Cache-Control": f"public, max-age={STYLE_SECONDS}"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(sheet, media_type="text/css", headers=headers)

    return router


def error_page(status: int, message: str) -> str:
    """The page for what was refused, or what is not there."""
    return bytes(page("error.html", None, here="error", code=status, message=message).body).decode()
