"""Texts for the classifier of quality that no training set has: sentences and topics of their own, in pairs of one length."""

from typing import Any

from assignment4_data.tests.language_texts import UNCUT

WHO = "run_classify_quality"
ACCURACY, AREA = 0.85, 0.92

WIKI = (
    "The {thing} was established in 17{n} and served the surrounding villages until the end of the nineteenth century.",
    "Its construction required large amounts of {stuff}, most of which was transported by river.",
    "Several authors have described the {thing}, although their accounts disagree on its exact dimensions.",
    "The name is derived from an older term for {stuff}, which appears in documents of the period.",
    "In the following decades the {thing} was enlarged twice, and a second building was added to the north.",
    "Excavations have shown that {stuff} was stored in the lower rooms, which remained dry throughout the year.",
    "It is regarded as one of the best preserved examples of its kind in the region.",
    "The population of the district increased during this period, which led to a higher demand for {stuff}.",
    "Because of its location, the {thing} was frequently damaged by floods and had to be rebuilt.",
    "A detailed description of the {thing} was published in 18{n} by a local society.",
    "The surface consists of {stuff}, which is resistant to frost and can be replaced without great expense.",
    "Both methods were in use at the same time, but the older one was gradually abandoned.",
)
CRAWL = (
    "OMG I just saw the {thing} and it is amazing, you guys have to check it out!!!",
    "Click here to get {n}% off all {stuff} today only >>",
    "{stuff} | {thing} | new arrivals | best sellers | sale",
    "Anyone else having trouble with their {thing}? Mine just won't work lol",
    "Sign up for our newsletter and never miss a deal on {stuff} again!",
    "Posted by user{n} at 10:{n} - Reply - Report - Share",
    "hi all, first post here, so please be nice, I love my {thing} so much",
    "Free shipping on orders over {n}! Shop {stuff} now and save big",
    "Page {n} of 99 - next - last - back to top - view all {stuff}",
    "I'm not gonna lie, we had so much fun at the {thing} yesterday, can't wait to go back :)",
    "Add to cart - quantity 1 - {stuff} ({n} reviews) - write a review",
    "Thanks for reading, don't forget to like and subscribe if you want more about my {thing}!",
)


def pairs(
    draw: Any, count: int, things: tuple[str, ...], stuffs: tuple[str, ...], wiki: Any = WIKI, crawl: Any = CRAWL
) -> Any:
    """`count` pairs of a good and a poor text with as many words each, so that no length tells them apart."""
    found = []
    for _ in range(count):
        length = draw.integer(25, 90)
        texts = []
        for sentences in (wiki, crawl):
            words: list[str] = []
            while len(words) < length:
                filled = (
                    draw.choice(sentences)
                    .replace("{thing}", draw.choice(things))
                    .replace("{stuff}", draw.choice(stuffs))
                )
                words += filled.replace("{n}", str(draw.integer(10, 99))).split()
            texts.append(" ".join(words[:length]))
        found.append((texts[0], texts[1]))
    return found


def check_reply(check: Any, reply: Any) -> tuple[str, float]:
    """The reply is a label and a score from 0 to 1, or as far above it as fastText's end."""
    fits = isinstance(reply, tuple) and len(reply) == 2 and isinstance(reply[0], str) and type(reply[1]) is float
    check.that(fits, f"{WHO} returned {type(reply).__name__}; expected a tuple of a label (str) and a score (float)")
    label, score = reply
    check.that(
        0.0 <= score <= UNCUT,
        f"{WHO} returned {label[:40]!r} with the score {score:.8g}; expected a probability, from 0 to 1",
    )
    return label, score


def check_quality(check: Any, reply: Any) -> tuple[str, float]:
    """The same, and the label is one of the two; the public course's own test says that it may be changed for others."""
    label, score = check_reply(check, reply)
    check.that(label in ("wiki", "cc"), f"{WHO} returned the label {label[:40]!r}; expected 'wiki' or 'cc'")
    return label, score


def check_told_apart(check: Any, function: Any, texts: list[tuple[str, str]], what: str) -> None:
    """Far more of the good texts than of the poor ones have the label that most good ones have."""
    good, poor = ([check_reply(check, function(text))[0] for text in side] for side in zip(*texts, strict=True))
    usual = max(sorted(set(good)), key=good.count)
    check.that(usual != "cc", f"{WHO} called most good texts 'cc'; expected 'wiki'")
    check.that(
        good.count(usual) - poor.count(usual) >= len(texts) / 2,
        f"{WHO} gave one label to {good.count(usual)} of {len(texts)} good texts, and to {poor.count(usual)} poor ones; "
        f"expected many more of the good, {what}",
    )


def check_lines(check: Any, function: Any, text: str) -> None:
    """A text whose words stand on lines of their own has the label that it has on one line.

    There is space at the ends of the lines, so a hand-in that takes line feeds out sees the same words, too.
    """
    one, _ = check_reply(check, function(text))
    other, _ = check_reply(check, function(text.replace(" ", " \n")))
    check.that(other == one, f"{WHO} returned another label when the words of a text stood on lines of their own")


def check_probability(check: Any, reply: Any) -> float:
    """The score is the probability of the label, of which the public handout says nothing; how much it speaks for "wiki"."""
    label, score = check_quality(check, reply)
    check.that(
        0.5 - 1e-6 <= score <= 1.0,
        f"{WHO} returned {label!r} with the score {score:.8g}; expected the probability of that label, from 0.5 to 1",
    )
    return score if label == "wiki" else 1.0 - score


def check_separation(check: Any, function: Any, texts: list[tuple[str, str]]) -> None:
    """Enough labels are right, on either side, and enough good texts stand above poor ones."""
    good = [check_probability(check, function(text)) for text, _ in texts]
    poor = [check_probability(check, function(text)) for _, text in texts]
    for name, right in (("wiki", sum(value > 0.5 for value in good)), ("cc", sum(value <= 0.5 for value in poor))):
        check.that(
            right >= ACCURACY * len(texts),
            f"{WHO} called {right} of {len(texts)} texts {name!r} that are; expected {ACCURACY:.0%} of them",
        )
    above = sum((value > other) + 0.5 * (value == other) for value in good for other in poor) / len(good) / len(poor)
    check.that(
        above >= AREA,
        f"{WHO}: a good text has the higher score in {above:.1%} of all pairs with a poor one; expected {AREA:.0%}",
    )
