"""Other texts, other languages, and scores over many of them."""

import pytest

from assignment4_data.tests.language_texts import WHO, check_language, check_reply
from assignment4_data.web import LANGUAGES, documents

MORE = {
    "ar": "تقع الطاحونة القديمة بالقرب من النهر، وفي كل خريف يأتي المزارعون بحبوبهم إليها.",
    "he": "הטחנה הישנה עומדת ליד הנהר, ובכל סתיו מביאים אליה האיכרים מן העמק את התבואה שלהם.",
    "fi": "Vanha mylly on joen lähellä, ja joka syksy laakson maanviljelijät tuovat sinne viljansa.",
    "el": "Ο παλιός μύλος βρίσκεται κοντά στο ποτάμι και κάθε φθινόπωρο οι αγρότες φέρνουν εκεί τα σιτηρά τους.",
    "hi": "पुरानी चक्की नदी के पास है और हर साल किसान अपना अनाज वहाँ लाते हैं।",
    "hu": "A régi malom a folyó közelében áll, és minden ősszel oda viszik a völgy gazdái a gabonájukat.",
    "id": "Kincir tua itu terletak di dekat sungai, dan setiap musim para petani membawa padi mereka ke sana.",
    "ro": "Moara veche se află aproape de râu, iar în fiecare toamnă țăranii din vale își aduc grânele acolo.",
}
PLAIN = {
    "it": "La casa del mugnaio si trova in fondo alla strada e in estate viene visitata da molti bambini della scuola.",
    "pt": "O velho moinho fica no fim da rua e durante o inverno os homens trabalham ali com os seus filhos.",
    "sv": "Den gamle mannen bodde i ett litet hus i skogen och gick till byn varje dag med sin hund.",
}


@pytest.mark.parametrize("language", MORE)
def test_more_languages(adapters, check, language):
    check_language(check, adapters.run_identify_language(MORE[language]), language, "a text in another language")


@pytest.mark.parametrize("language", PLAIN)
def test_more_texts_of_ascii_alone(adapters, check, language):
    check_language(check, adapters.run_identify_language(PLAIN[language]), language, "a text of ASCII alone")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_by_itself(adapters, check, draw, language):
    """The label of a page stays when each of its sentences stands on a line of its own."""
    pages = (page for page in documents(draw.integer(10**7, 10**8), None) if page.language == language)
    texts = (page.truth["paragraphs"] for page in pages if page.truth["quality"] == "wiki")
    for paragraphs in (next(texts) for _ in range(3)):
        text = "\n" + "\n".join(paragraphs).replace(". ", ".\n") + "\r\n"
        check_language(check, adapters.run_identify_language(text), language, "a page in another language")


def test_scores_differ(adapters, check, draw):
    pages = list(documents(draw.integer(10**7, 10**8), 40))
    scores = [check_reply(check, adapters.run_identify_language(page.text))[1] for page in pages]
    check.that(len(set(scores)) > 10, f"{WHO} returned {len(set(scores))} different scores for 40 pages")


@pytest.mark.beyond_public_course
def test_no_page_has_a_score_above_one(adapters, check, draw):
    for page in documents(draw.integer(10**7, 10**8), 80):
        check_reply(check, adapters.run_identify_language(page.text), most=1.0)


def test_shorter_texts_are_less_sure(adapters, check):
    """What three letters say is less than what three sentences do."""
    for language, text in PLAIN.items():
        long = check_language(check, adapters.run_identify_language(text), language, "a text in another language")
        short = check_reply(check, adapters.run_identify_language(text[:3]))[1]
        check.that(short < long, f"{WHO} returned a score for three letters that is not below that for a sentence")
