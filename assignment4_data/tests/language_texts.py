"""Texts of our own in languages that the generated web does not have, and what a reply must look like."""

import re
from typing import Any

WHO = "run_identify_language"
UNCUT = 1.0 + 1e-3  # fastText's scores end up to 6e-5 above 1; our handout asks to cut them, the public one does not

TEXTS = {
    "it": "Il vecchio mulino si trova vicino al fiume, e ogni autunno i contadini della valle vi portano il loro grano.",
    "pt": "O moinho antigo fica perto do rio, e todos os outonos os agricultores do vale levam para lá os seus grãos.",
    "nl": "De oude molen staat dicht bij de rivier, en elke herfst brengen de boeren uit het dal hun graan daarheen.",
    "sv": "Den gamla kvarnen ligger nära ån, och varje höst kör bönderna i dalen sin säd dit för att mala den.",
    "pl": "Stary młyn stoi niedaleko rzeki, a każdej jesieni rolnicy z doliny przywożą do niego swoje zboże.",
    "cs": "Starý mlýn stojí nedaleko řeky a každý podzim tam rolníci z údolí přivážejí své obilí.",
    "tr": "Eski değirmen ırmağın yakınındadır ve her sonbahar vadideki çiftçiler tahıllarını oraya götürür.",
    "ko": "오래된 물레방아는 강 가까이에 있고, 해마다 가을이면 골짜기의 농부들이 곡식을 가져옵니다.",
    "uk": "Старий млин стоїть біля річки, і щоосені селяни з долини привозять туди своє зерно.",
}

WITHOUT_ACCENTS = {
    "de": "Der alte Turm steht am Rand der Stadt und wird im Sommer von vielen Kindern besucht, die dort spielen.",
    "es": "El viejo puente de piedra cruza el valle y todos los veranos vienen muchas familias para ver las casas.",
    "fr": "Le vieux pont de pierre traverse la rue du village et les enfants jouent souvent avec leurs amis dans le parc.",
    "nl": "Het huis van de molenaar staat aan de rand van het dorp en wordt in de zomer door veel mensen bezocht.",
}
"""Nothing but ASCII, and not English."""


def check_reply(check: Any, reply: Any, most: float = UNCUT) -> tuple[str, float]:
    """The reply is a code of two or three letters and a float from 0 to `most`."""
    fits = isinstance(reply, tuple) and len(reply) == 2 and isinstance(reply[0], str) and type(reply[1]) is float
    check.that(fits, f"{WHO} returned {type(reply).__name__}; expected a tuple of a code (str) and a score (float)")
    code, score = reply
    check.that(
        re.fullmatch("[a-z]{2,3}", code) is not None,
        f"{WHO} returned the language {code[:40]!r}; expected a code such as 'en', without '__label__'",
    )
    check.that(0.0 <= score <= most, f"{WHO} returned the score {score:.8g}; expected a probability, from 0 to 1")
    return code, score


def check_language(check: Any, reply: Any, language: str, what: str) -> float:
    """The reply names this language; its score."""
    code, score = check_reply(check, reply)
    check.that(code == language, f"{WHO} returned {code!r} for {what}")
    return score
