"""Random vocabularies that share some tokens, and random texts in them."""


def random_vocabularies(draw):
    """Two that share about half of their tokens, under other ids."""
    tokens = list({bytes(draw.integers(97, 101, draw.integer(1, 6)).tolist()) for _ in range(80)})
    picked = [[token for token in tokens if draw.number(0, 1) < 0.7] for _ in range(2)]
    return [dict(zip((draw.permutation(500)[: len(each)]).tolist(), each, strict=True)) for each in picked]


def test_what_one_vocabulary_has_and_another_lacks(adapters, check, draw):
    for _ in range(10):
        vocab, other = random_vocabularies(draw)
        known = list(other.values())
        left = [token for token in vocab.values() if token not in known]
        left = sorted(sorted(left), key=len, reverse=True)
        check.equal(adapters.run_tokens_only_in(vocab, other, ["x"]), left, who="run_tokens_only_in")
        if left:
            special = [left[0].decode(), left[-1].decode()]
            expected = [token for token in left if token.decode() not in special]
            found = adapters.run_tokens_only_in(vocab, other, special)
            check.equal(found, expected, who="run_tokens_only_in")


def test_the_share_of_random_texts(adapters, check, draw):
    for _ in range(10):
        vocab, other = random_vocabularies(draw)
        ids = [draw.choice(list(vocab)) for _ in range(draw.integer(1, 200))]
        outside = [number for number in ids if vocab[number] not in list(other.values())]
        found = adapters.run_usage_outside(ids, vocab, other)
        check.close(found, len(outside) / len(ids), rtol=1e-9, who="run_usage_outside")


def test_nothing_is_shared(adapters, check):
    vocab, other = {0: b"ab", 1: b"c"}, {0: b"abc", 1: b"d"}
    check.equal(adapters.run_tokens_only_in(vocab, other, []), [b"ab", b"c"], who="run_tokens_only_in")
    check.close(adapters.run_usage_outside([0, 1, 1], vocab, other), 1.0, rtol=1e-9, who="run_usage_outside")
