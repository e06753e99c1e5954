"""board.html: all tracks of a leaderboard in a folder, on one page that stands alone.

No script and nothing from elsewhere, as in the report of a class. What an entrant wrote is shown cleaned and escaped.
"""

import base64
import hashlib
from collections.abc import Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from grader.leaderboard.directory import Row
from grader.leaderboard.track import Track
from grader.report.text import line


def render(title: str, boards: Sequence[tuple[Track, Sequence[Row]]]) -> str:
    """The page. Rows come as `Board.rows` gives them."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(line=line, score=score)
    style = _read("board.css")
    return environment.get_template("board.html").render(
        title=title,
        boards=[(track, [r for r in rows if r.place], [r for r in rows if not r.place]) for track, rows in boards],
        style=Markup(style),  # ours, and hashed: escaping would change it
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )


def score(value: float, spread: float = 0.0) -> str:
    """A score to the digits that mean something: down to a tenth of what chance moves it by, or four."""
    digits = 4
    while spread and digits > 1 and 10.0**-digits < spread / 10:
        digits -= 1
    return f"{value:.{digits}f}"


def _read(name: str) -> str:
    return resources.files("grader.leaderboard").joinpath(name).read_text(encoding="utf-8")
