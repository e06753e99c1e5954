"""The page: markup from a template, one style sheet and one script inside of it, and a policy that allows nothing else.

What a student or a server's error says reaches the page only as text, from the script's `textContent`; and should
that ever fail, the page's own policy runs no script but the one whose hash it names, and talks to no other server.
"""

import base64
import hashlib
from functools import lru_cache
from importlib import resources

import jinja2
from markupsafe import Markup

from assignment3_scaling.service.dashboard.fields import groups
from assignment3_scaling.service.limits import Limits

SCRIPTS = ("api.js", "experiments.js", "table.js", "chart.js", "forms.js", "main.js")
"""In the order they build on each other; together they are one script."""


@lru_cache(maxsize=8)
def render(limits: Limits) -> str:
    """The dashboard of a server whose configs keep these limits."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_read), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    style, script = _read("page.css"), "\n".join(map(_read, SCRIPTS))
    policy = (
        f"default-src 'none'; connect-src 'self'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return environment.get_template("page.html").render(
        groups=groups(limits), limits=limits, policy=policy,
        style=Markup(style), script=Markup(script)
    )  # fmt: skip


def _read(name: str) -> str:
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
