"""Tokens to train on, judged by what a fixed small model learns of them."""

from assignment4_data.tests.held_out import check_better, check_sources, domain, ids_of, loss_of, tokens_of


def test_the_documents_are_of_the_web_and_none_is_held_out(drivers, check, draw, tmp_path):
    given = domain(draw, tmp_path, count=120, leaks=6)
    ids = tokens_of(check, drivers.make_training_data(given.wets, given.validation))
    check_sources(check, ids, given)


def test_the_model_is_better_than_without_a_filter(drivers, check, draw, tmp_path):
    given = domain(draw, tmp_path, count=400, leaks=3)
    ids = tokens_of(check, drivers.make_training_data(given.wets, given.validation))
    check_sources(check, ids, given)
    everything = ids_of([page.text for page in given.documents])
    seed = draw.integer(0, 2**31)
    check_better(check, loss_of(ids, given, seed), loss_of(everything, given, seed), "all documents")
