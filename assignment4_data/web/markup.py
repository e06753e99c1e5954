"""A page's words as HTML, with all that is around the content of a real page, and as the text that is seen of it."""

from html import escape

from assignment4_data.web.chance import Chance
from assignment4_data.web.pages import LISTS, Page

_STYLE = "body { margin: 2em; } .menu li { display: inline; }"
_SCRIPT = "window.dataLayer = window.dataLayer || []; dataLayer.push({event: 'load', tracker: 'none'});"


def markup(page: Page, kind: str, language: str, charset: str | None, chance: Chance) -> str:
    """The page as HTML; `charset` is declared in its head, None declares nothing."""
    declared = f'<meta charset="{charset}">\n' if charset else ""
    menu = "".join(f'<li><a href="/{number}">{escape(item)}</a></li>' for number, item in enumerate(page.menu))
    navigation = f'<nav><ul class="menu">{menu}</ul></nav>'
    content = _form(page) if kind == "login" else _items(page) if kind in LISTS else _prose(page)
    container = chance.choice(["main", "article", 'div id="content"'])
    footer = "" if chance.number() < 0.5 else f"<footer><p>{escape(' | '.join(page.menu[:3]))}</p></footer>\n"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n{declared}<title>{escape(page.title)}</title>\n'
        f"<style>{_STYLE}</style>\n<script>{_SCRIPT}</script>\n</head>\n<body>\n{navigation}\n<{container}>\n"
        f"<h1>{escape(page.title)}</h1>\n{content}</{container.split(' ')[0]}>\n{footer}"
        f"<!-- cached copy -->\n</body>\n</html>\n"
    )


def seen(page: Page) -> str:
    """What a reader sees, a line for each block; the menu is one line."""
    return "\n".join([" | ".join(page.menu), page.title, *page.paragraphs])


def _prose(page: Page) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in page.paragraphs)


def _items(page: Page) -> str:
    return "<ul>\n" + "".join(f"<li>{escape(item)}</li>\n" for item in page.paragraphs) + "</ul>\n"


def _form(page: Page) -> str:
    # Extractors leave out what is inside of a form; what a login page says to its readers is beside it.
    form = '<form action="/login" method="post"><input type="password" name="p"></form>\n'
    return _prose(page) + form
