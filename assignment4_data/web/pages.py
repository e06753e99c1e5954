"""What a page says: a title, paragraphs, a menu, and what is true of them, by the page's kind."""

from dataclasses import dataclass, replace
from typing import Any

from assignment4_data.web.chance import Chance
from assignment4_data.web.grammar import grammar

SPACED = frozenset({"en", "de", "fr", "es", "ru"})  # languages with a space between sentences
LISTS = frozenset({"boilerplate", "login"})  # kinds whose lines are items, not prose


@dataclass(frozen=True)
class Page:
    """The words of a page, before they are markup."""

    title: str
    paragraphs: tuple[str, ...]
    menu: tuple[str, ...]
    quality: str
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()

    def facts(self) -> dict[str, Any]:
        """What of the truth follows from the words."""
        return {
            "title": self.title,
            "paragraphs": list(self.paragraphs),
            "quality": self.quality,
            "emails": list(self.emails),
            "phones": list(self.phones),
            "ips": list(self.ips),
        }


def page(kind: str, language: str, chance: Chance) -> Page:
    """A page of a kind that stands for itself: all but duplicates."""
    rules = grammar(language)
    topic = chance.choice(rules.topics)
    menu = tuple(chance.sample(rules.rules["menu"], chance.integer(4, 9)))
    register, quality = kind, "cc"
    if kind in ("prose", "personal"):
        register, quality = ("chat", "cc") if language == "en" and chance.number() < 0.5 else ("reference", "wiki")
    title = rules.text(f"{register}_title" if kind != "boilerplate" else "reference_title", topic, chance)
    title = title[:1].upper() + title[1:]
    if kind in LISTS:
        available = len(rules.rules[kind]) if kind == "login" else 40
        lines = rules.sentences(kind, topic, chance, min(chance.integer(4, 30), available))
        return Page(title, tuple(lines), menu, quality)
    sentences = rules.sentences(register, topic, chance, chance.integer(7, 34))
    paragraphs = _paragraphs(sentences, " " if language in SPACED else "", chance)
    plain = Page(title, tuple(paragraphs), menu, quality)
    return _with_contacts(plain, chance) if kind == "personal" else plain


def altered(original: Page, language: str, chance: Chance) -> Page:
    """The page with a few words changed and one sentence more: alike to the eye, not to the byte."""
    rules = grammar(language)
    topic = chance.choice(rules.topics)
    paragraphs = list(original.paragraphs)
    where = chance.below(len(paragraphs))
    extra = rules.sentences("reference", topic, chance, 1)[0]
    paragraphs[where] += (" " if language in SPACED else "") + extra
    if language in SPACED:
        where = chance.below(len(paragraphs))
        words = paragraphs[where].split(" ")
        place = chance.below(len(words))
        words[place] = words[place].upper() if len(words[place]) > 3 else words[place] + ","
        paragraphs[where] = " ".join(words)
    return replace(original, paragraphs=tuple(paragraphs))


def _paragraphs(sentences: list[str], space: str, chance: Chance) -> list[str]:
    paragraphs = []
    while sentences:
        length = chance.integer(2, 5)
        paragraphs.append(space.join(sentences[:length]))
        sentences = sentences[length:]
    return paragraphs


def _with_contacts(plain: Page, chance: Chance) -> Page:
    """The page with personal data in some of its paragraphs; numbers and addresses are of ranges that nobody has."""
    rules, topic = grammar("en"), grammar("en").topics[0]
    paragraphs = list(plain.paragraphs)
    found: dict[str, list[str]] = {"email": [], "phone": [], "ip": []}
    makers = {"email": _email, "phone": _phone, "ip": _ip}
    for _ in range(chance.integer(1, 5)):
        sentence = rules.text("contact", {**topic, **{name: [f"<{name}>"] for name in makers}}, chance)
        for name, maker in makers.items():
            if f"<{name}>" in sentence:
                value = maker(chance)
                sentence = sentence.replace(f"<{name}>", value)
                found[name].append(value)
        where = chance.below(len(paragraphs))
        paragraphs[where] += " " + sentence
    return replace(
        plain,
        paragraphs=tuple(paragraphs),
        emails=tuple(found["email"]),
        phones=tuple(found["phone"]),
        ips=tuple(found["ip"]),
    )


def _email(chance: Chance) -> str:
    name = chance.choice(["reader", "front.desk", "archive+web", "mill-house", "r.w"])
    return f"{name}{chance.below(100)}@{chance.choice(['post.example.org', 'example.com', 'mail.example.co.uk'])}"


def _phone(chance: Chance) -> str:
    area, last = chance.integer(200, 989), chance.below(100)
    form = chance.choice(["({})-555-01{:02}", "({}) 555-01{:02}", "{}-555-01{:02}", "{} 555 01{:02}", "{}55501{:02}"])
    return form.format(area, last)


def _ip(chance: Chance) -> str:
    return f"{chance.choice(['192.0.2', '198.51.100', '203.0.113'])}.{chance.below(256)}"
