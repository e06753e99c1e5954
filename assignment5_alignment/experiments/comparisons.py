"""Comparisons for a run of DPO: a helpful response was preferred to one that refuses.

The topics of the held-out comparisons are in none that is trained on, and neither are the words of their responses, so a policy
that learns the texts by heart ranks them no better. Not covered: preferences that people disagree on.
"""

import random

Pair = tuple[str, str, str]
"""Prompt, preferred response, other response."""

TOPICS = (
    "rivers", "birds", "numbers", "the sky", "stones", "a garden", "trees", "the sea", "bread", "a house",
    "rain", "a street", "music", "maps", "winter", "the sun", "ships", "a clock", "horses", "paper",
    "clouds", "a lamp", "grass", "the moon", "wool", "a bridge", "salt", "a window", "foxes", "sand",
)  # fmt: skip
HELD_OUT = 10
"""How many of the topics; the others are trained on."""

ASKED = ("Tell me about {}.", "What do you know of {}?", "Write a line on {}.")
HELPFUL = (
    "Gladly: {} are worth a closer look.",
    "With pleasure. Let us begin with {}.",
    "Of course, here is more on {}.",
)
CURT = ("No. Read about {} yourself.", "That is enough of {}.", "Nobody asks about {} any more.")
HELD_OUT_HELPFUL = ("Of course. Gladly more on {}.", "With pleasure: here is a closer look, {} first.")
HELD_OUT_CURT = ("No. Nobody asks about {}.", "Enough. Read yourself about {} any day.")


def comparisons() -> tuple[list[Pair], list[Pair]]:
    """(to learn from, held out): three a topic to learn from, one a topic that is held out; always the same."""
    chance = random.Random(0)
    train = [
        (asked.format(topic), chance.choice(HELPFUL).format(topic), chance.choice(CURT).format(topic))
        for topic in TOPICS[HELD_OUT:]
        for asked in ASKED
    ]
    held_out = [
        (
            chance.choice(ASKED).format(topic),
            chance.choice(HELD_OUT_HELPFUL).format(topic),
            chance.choice(HELD_OUT_CURT).format(topic),
        )
        for topic in TOPICS[:HELD_OUT]
    ]
    return train, held_out
