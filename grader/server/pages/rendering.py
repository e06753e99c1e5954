"""From a template to an answer. Every value is escaped; a student's words lose what acts instead of being read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import jinja2
from starlette.responses import HTMLResponse

from grader.export import defuse
from grader.outcome import Verdict
from grader.report.page import SIGNS
from grader.server.accounts import Session
from grader.server.submissions import State

STATES = {
    State.QUEUED: "waiting",
    State.RUNNING: "being graded",
    State.DONE: "graded",
    State.REFUSED: "refused",
    State.FAILED: "kept back by an error of ours",
}
"""What the pages call a state of a hand-in."""
ENTRY_STATES = {**STATES, State.RUNNING: "being verified", State.DONE: "verified"}
"""… and of an entry."""


def page(
    template: str, session: Session | None, /, *, status: int = 200, here: str = "", **values: Any
) -> HTMLResponse:
    """The page as an answer; `here` is the entry of the navigation that it belongs to.

    What one person sees must not be shown to the next one at the same browser, so nothing of it is stored.
    """
    text = _environment().get_template(template).render(session=session, here=here, **values)
    return HTMLResponse(text, status, {"Cache-Control": "no-store" if session else "no-cache"})


def style() -> bytes:
    """The style sheet: that of the class report, and what the pages need beyond it."""
    report = resources.files("grader.report").joinpath("class.css").read_text(encoding="utf-8")
    return f"{report}\n{_read('style.css')}".encode()


def when(moment: datetime | None) -> str:
    """A time of day with its zone."""
    if moment is None:
        return "–"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def score(value: float | None) -> str:
    """A score with as many digits as tell entries apart."""
    return "–" if value is None else f"{value:.4g}"


def duration(seconds: float) -> str:
    """A budget in the unit people would say it in."""
    for size, word in ((3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size and seconds % size == 0:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count != 1 else ''}"
    return f"{seconds:g} seconds"


def size(count: int) -> str:
    """A number of bytes."""
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(1, round(count / 1024))} kB"


def measured(value: float | str) -> str:
    """A measurement as a verifier reports it."""
    return f"{value:.6g}" if isinstance(value, int | float) else defuse.line(str(value), 300)


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    filters: Mapping[str, Any] = {
        "points": "{:g}".format, "line": defuse.line, "shown": defuse.text, "when": when, "score": score,
        "duration": duration, "size": size, "measured": measured,
    }  # fmt: skip
    environment.filters.update(filters)
    environment.globals.update(
        signs=SIGNS, Verdict=Verdict, states=STATES, entry_states=ENTRY_STATES, State=State, zip=zip
    )
    return environment


def _read(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
