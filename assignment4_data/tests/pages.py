"""Lines of pages with what C4's rules make of them, and pages made of such lines."""

KEPT = (
    ("The heron waits beside the brook.", 1),
    ("Is anything left of it?", 1),
    ("Nobody had seen it before!", 1),
    ("A first. A second. A third.", 3),
    ('She said: "It is nearly gone."', 1),
    ("He said: “It is nearly gone!”", 1),
    ("They left (as one would have.)", 1),
    ("Version 3.5 came after 3.14 in May.", 1),
    ("Well?! There it is. Good!!", 3),
    ("Java and a script are two things.", 1),
    ("The terms are of no use here.", 1),
    ("One sentence, and then (Dr. Heron says) more.", 2),
    ("The set is [sic] open (12) here.", 1),
    ("Five words are quite enough.", 1),
)
"""Lines that stay as they are, with the number of their sentences."""

DROPPED = (
    "",
    "   ",
    "Home | News | About us",
    "The heron waits beside the brook",
    "The heron waits beside the brook:",
    "The heron waits beside the brook,",
    "The heron waits beside the brook...",
    "The heron waits beside the brook…",
    'The heron waits beside the "brook..."',
    "Only four words here.",
    "Please enable JavaScript to see this page.",
    "Please enable javascript, or see nothing at all.",
    "Read our Terms of Use before you go on.",
    "Read our PRIVACY POLICY before you go on.",
    "There is a cookie policy as well, of course.",
    "This website uses cookies to be of use.",
    "The use of cookies makes this site better.",
    "We use cookies to make this site better.",
)
CLEANED = (
    ("The mill stood here in 1850.[3]", "The mill stood here in 1850.", 1),
    ("The mill[12] stood here[edit] in 1850.", "The mill stood here in 1850.", 1),
    ("The mill stood here, they say.[Citation needed]", "The mill stood here, they say.", 1),
    ("   The mill stood here in 1850.  ", "The mill stood here in 1850.", 1),
    ("\tThe mill stood here in 1850. [1][2]\r", "The mill stood here in 1850.", 1),
    ("The mill [EDIT] was never here at all.", "The mill  was never here at all.", 1),
)
"""Lines that stay without their markers and the space around them."""

DROPS_PAGE = (
    "body { margin: 0 }",
    "The set is written as {1, 2, 3} here.",
    "Lorem ipsum dolor sit amet, and so on.",
    "LOREM IPSUM",
    "There was a grumble-word in the middle of it.",
    "Grumble-Word",
    "It said: (velvet-placeholder), and nothing else at all.",
    '"Adult-placeholder!"',
)
KEEPS_PAGE = (
    "They say that grumble-words are no good here.",
    "An adult-placeholder-museum was opened here in spring.",
    "Ipsum lorem is no beginning of anything.",
    "That bracket } was never opened by anyone.",
    "A grumble, word by word, was all of it.",
)
THREE = ("There is more of this than one would think.", "Nobody counts what is there.", "It is a matter of care.")
"""Lines that make a page long enough."""


def kept_of(draw, count):
    """`count` lines drawn from those above: the page, the lines that stay, and their sentences."""
    page, stay, sentences = [], [], 0
    for _ in range(count):
        kind = draw.integer(0, 3)
        if kind == 0:
            line, number = draw.choice(KEPT)
            cleaned = line
        elif kind == 1:
            line, cleaned, number = draw.choice(CLEANED)
        else:
            page.append(draw.choice(DROPPED))
            continue
        page.append(line)
        stay.append(cleaned)
        sentences += number
    return page, stay, sentences
