"""What is said of the pages of a crawl, held against what is true of them."""

from typing import Any

from assignment4_data.web import Document

WHO = "run_look_at_cc"
KEYS = {"uri": str, "language": str, "words": int, "nsfw": bool, "toxic": bool, "wiki": bool}
ENOUGH = 0.9
# A label that is rarely true is wrongly said of a short page now and then, by the best of classifiers: with eight toxic
# pages among 150, three harmless ones called toxic are 2 % of the others and 3 of 11 of what is called so.
SLIPS = 0.03


def check_audit(check: Any, reply: Any, pages: list[Document]) -> None:
    """An entry for each page, of the right form, in order; nine of ten labels found, and few given wrongly."""
    check.that(isinstance(reply, list), f"{WHO} returned {type(reply).__name__}; expected list")
    check.that(len(reply) == len(pages), f"{WHO} returned {len(reply)} entries; expected one for each whole HTML page")
    for entry in reply:
        check.that(
            isinstance(entry, dict) and set(entry) == set(KEYS),
            f"{WHO} returned an entry that is not a dict with the keys {', '.join(KEYS)}",
        )
        for key, kind in KEYS.items():
            check.that(
                type(entry[key]) is kind,
                f"{WHO} returned {type(entry[key]).__name__} as {key!r}; expected {kind.__name__}",
            )
    check.that(
        [entry["uri"] for entry in reply] == [page.uri for page in pages], f"{WHO} returned pages in another order"
    )
    _check_labels(check, "language", reply, [page.language for page in pages])
    english = [page.language == "en" for page in pages]
    _check_labels(check, "nsfw", reply, [page.truth["nsfw"] for page in pages])
    _check_labels(check, "toxic", reply, [page.truth["toxic"] for page in pages])
    wiki = [page.truth["quality"] == "wiki" and known for page, known in zip(pages, english, strict=True)]
    _check_labels(check, "wiki", reply, wiki)
    for entry, page in zip(reply, pages, strict=True):
        if page.language != "zh" and page.language != "ja":
            words = len(" ".join([page.truth["title"], *page.truth["paragraphs"]]).split())
            check.that(
                words <= entry["words"] <= words + 120,
                f"{WHO} returned {entry['words']} as 'words' of a page with about {words} of them in its text",
            )


def _check_labels(check: Any, key: str, reply: list[dict[str, Any]], truth: list[Any]) -> None:
    """Each value is right where it is true, and true where it is said."""
    said = [entry[key] for entry in reply]
    for value in sorted(set(truth), key=str):
        both = sum(one == value == other for one, other in zip(said, truth, strict=True))
        true, claimed = truth.count(value), said.count(value)
        check.that(
            both >= ENOUGH * true - 1,
            f"{WHO}: {key!r} is {value!r} for {both} of {true} pages for which that is true; expected nine of ten",
        )
        check.that(
            claimed - both <= max((1 - ENOUGH) * claimed + 1, SLIPS * len(truth)),
            f"{WHO}: {key!r} is {value!r} for {claimed - both} pages of {len(truth)} for which that is not true",
        )
