"""Hidden: a random choice of the same size is no match; nothing held out means that nothing is left out."""

from assignment4_data.tests.held_out import WHO, check_better, check_sources, domain, ids_of, loss_of, tokens_of


def test_the_model_is_better_than_with_a_random_choice(drivers, check, draw, tmp_path):
    given = domain(draw, tmp_path, count=400, leaks=4)
    ids = tokens_of(check, drivers.make_training_data(given.wets, given.validation))
    check_sources(check, ids, given)
    chosen, size = [], 0
    for place in draw.permutation(len(given.documents)).tolist():
        chosen.append(given.documents[place].text)
        size += len(chosen[-1].encode()) + 1
        if size >= len(ids):
            break
    seed = draw.integer(0, 2**31)
    check_better(check, loss_of(ids, given, seed), loss_of(ids_of(chosen), given, seed), "as many tokens at random")


def test_what_is_held_out_decides_what_is_left_out(drivers, check, draw, tmp_path):
    given = domain(draw, tmp_path, count=120, leaks=8)
    ids = tokens_of(check, drivers.make_training_data(given.wets, given.validation))
    check_sources(check, ids, given)
    all_of_them = tokens_of(check, drivers.make_training_data(given.wets, []))
    check.that(
        len(all_of_them) > len(ids),
        f"{WHO} wrote no more tokens where nothing is held out; expected the pages that quote held-out ones, too",
    )
