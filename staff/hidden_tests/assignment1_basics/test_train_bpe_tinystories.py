"""Longest tokens and length counts of random vocabularies."""


def random_vocabulary(draw, size):
    """Random bytes of 1 to 9 under ids that have gaps and come in any order."""
    ids = draw.permutation(3 * size).tolist()[:size]
    return {number: bytes(draw.integers(0, 256, draw.integer(1, 10)).tolist()) for number in ids}


def longest(vocab):
    most = max(map(len, vocab.values()))
    return vocab[min(number for number, token in vocab.items() if len(token) == most)]


def test_the_longest_token_is_found_among_random_bytes(adapters, check, draw):
    for _ in range(10):
        vocab = random_vocabulary(draw, 60)
        check.equal(adapters.run_longest_token(vocab, ["<|none|>"]), longest(vocab), who="run_longest_token")


def test_special_tokens_never_win_whatever_their_length(adapters, check, draw):
    for _ in range(5):
        specials = [draw.text(draw.integer(12, 30)) for _ in range(3)]
        vocab = random_vocabulary(draw, 40)
        expected = longest(vocab)
        more = {**{1000 + place: text.encode() for place, text in enumerate(specials)}, **vocab}
        check.equal(adapters.run_longest_token(more, specials), expected, who="run_longest_token")


def test_counts_of_random_vocabularies(adapters, check, draw):
    for _ in range(5):
        vocab = random_vocabulary(draw, 120)
        lengths = [len(token) for token in vocab.values()]
        expected = {length: lengths.count(length) for length in set(lengths)}
        vocab[5000] = b"<|ende|>"
        found = adapters.run_token_length_counts(vocab, ["<|ende|>"])
        check.equal(found, expected, who="run_token_length_counts")


def test_a_vocabulary_of_special_tokens_alone_counts_nothing(adapters, check):
    found = adapters.run_token_length_counts({3: b"<a>", 4: b"<b>"}, ["<b>", "<a>"])
    check.equal(found, {}, who="run_token_length_counts")
