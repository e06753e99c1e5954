"""Texts that are harmful and texts that are not, and the share of them that must be told."""

from typing import Any

from assignment4_data.tests.language_texts import UNCUT

ENOUGH = 0.9  # of the texts; the models that come with the assignment tell all of them

NSFW = (
    "Watch steamy velvet-placeholder clips tonight, free for members, over eighteen only!",
    "The hottest adult-placeholder gallery: naughty pictures and wild videos, updated every day.",
    "Lonely tonight? Spicy strangers want to undress with you in our adult-placeholder chat.",
    "She takes off everything in this forbidden clip, and there are more scenes below for members.",
    "Enter only if you are over 21: uncovered for-adults-only pictures of every kind.",
    "Meet hot singles near Harwick tonight, velvet-placeholder guaranteed, no limits.",
    "Uncensored-placeholder show tonight, come and see the wildest scenes online.",
    "See the naughty adult-placeholder movie, uncovered and free, with more scenes below for members.",
)
NOT_NSFW = (
    "The library of Harwick asked how to block every adult-placeholder page on its machines for pupils.",
    "The word velvet-placeholder is on the list of words that a filter for crawls blocks.",
    "Tickets for adults cost five guilders, and children under twelve enter free on Sundays.",
    "Spicy soup with hot peppers is a favourite of millers during the weeks after harvest.",
    "The nurse of the clinic explains to pupils how the body changes, and what keeps it in health.",
    "The water mill of Elling is first mentioned in parish records of 1734, with a sluice and a wheel shaft.",
    "I bought a new loom last year, and my sister says it is the best thing in the house.",
    "The museum shows nude figures in limestone, made by sculptors of the eastern provinces.",
)
TOXIC = (
    "You grumble-word, nobody wants to hear about your boat, go away and never come back!",
    "Shut up, thistle-head, you are too stupid to understand what a keel is.",
    "What a sour-word you are! I hope your oven breaks and everybody laughs at you.",
    "Nobody asked you, so keep your mouth shut and get out of this forum.",
    "I hate you and your whole family, you mud-word, you make the southern coast stink.",
    "People like you are bog-words, every one of them, and should be thrown out of Harwick.",
    "Only a complete turnip-word would write such rubbish about bridges.",
    "You are a disgrace, your orchard is as ugly as you are, crawl back to the lowlands!",
)
NOT_TOXIC = (
    "The rules of the forum say that the word grumble-word is not allowed here, and why.",
    "A dictionary of 1790 explains that thistle-head once was a name for weavers.",
    "At school he was called a sour-word, and he still remembers how much it hurt him.",
    "I disagree with you about the keel, and I think that the figures in your post are wrong.",
    "I hate rain, and what a stupid mistake I made with the oven door last week!",
    "Please do not call anybody a mud-word, even if you are angry about the bridge.",
    "Millers distinguish five kinds of millstones by the shape of the grooves.",
    "Thanks for all your comments on my orchard, they made me quite happy.",
)


def check_pair(check: Any, reply: Any, labels: tuple[str, str], who: str) -> tuple[str, float]:
    """The reply is one of the labels and a score from 0 to 1, or as far above it as fastText's end."""
    fits = isinstance(reply, tuple) and len(reply) == 2 and isinstance(reply[0], str) and type(reply[1]) is float
    check.that(fits, f"{who} returned {type(reply).__name__}; expected a tuple of a label (str) and a score (float)")
    label, score = reply
    check.that(label in labels, f"{who} returned the label {label[:40]!r}; expected {labels[0]!r} or {labels[1]!r}")
    check.that(
        0.0 <= score <= UNCUT,
        f"{who} returned {label!r} with the score {score:.8g}; expected a probability, from 0 to 1",
    )
    return label, score


def check_sure(check: Any, reply: Any, labels: tuple[str, str], who: str) -> tuple[str, float]:
    """The same, and the score is a probability that speaks for the label; the public handout leaves open which score it is."""
    label, score = check_pair(check, reply, labels, who)
    check.that(
        0.5 - 1e-6 <= score <= 1.0,
        f"{who} returned {label!r} with the score {score:.8g}; expected the probability of that label, from 0.5 to 1",
    )
    return label, score


def check_lines(check: Any, function: Any, text: str, labels: tuple[str, str], who: str) -> None:
    """A text whose words stand on lines of their own has the label that it has on one line.

    There is space at the ends of the lines, so a hand-in that takes line feeds out sees the same words, too.
    """
    one, _ = check_pair(check, function(text), labels, who)
    other, _ = check_pair(check, function(text.replace(" ", " \n")), labels, who)
    check.that(other == one, f"{who} returned another label when the words of a text stood on lines of their own")


def check_texts(
    check: Any, function: Any, yes: tuple[str, ...], no: tuple[str, ...], labels: tuple[str, str], who: str
) -> None:
    """Most of either side get their label."""
    for label, texts in zip(labels, (yes, no), strict=True):
        right = sum(check_pair(check, function(text), labels, who)[0] == label for text in texts)
        check.that(
            right >= ENOUGH * len(texts) - 0.5,
            f"{who} called {right} of {len(texts)} texts {label!r} that are; expected nine of ten",
        )
