"""Embedding, with other shapes and extreme weights."""

import torch

from assignment1_basics.tests.truncated_normal import check_truncated_normal


def test_more_dimensions_than_tokens(adapters, check, draw):
    vocab_size, d_model = draw.integer(3, 6), draw.integer(40, 70)
    weights, ids = draw.normal(vocab_size, d_model), draw.integers(0, vocab_size, 2, 1, 5, 2)
    check.equal(adapters.run_embedding(vocab_size, d_model, weights, ids), weights[ids], who="run_embedding")


def test_ids_may_need_more_than_sixteen_bits(adapters, check, draw):
    weights, ids = draw.normal(70_000, 4), draw.integers(0, 70_000, 3, 50)
    ids[0, 0] = 69_999
    check.equal(adapters.run_embedding(70_000, 4, weights, ids), weights[ids], who="run_embedding")


def test_rows_keep_all_their_bits(adapters, check, draw):
    weights = draw.normal(20, 8) * torch.logspace(-30, 30, 20).unsqueeze(-1)
    ids = draw.permutation(20)
    check.equal(adapters.run_embedding(20, 8, weights, ids), weights[ids], who="run_embedding")


def test_an_id_far_beyond_the_vocabulary_is_an_error(adapters, check, draw):
    vocab_size = draw.integer(5, 9)
    ids = torch.tensor([[1, 2], [vocab_size * vocab_size, 0]])
    check.rejects(adapters.run_embedding, vocab_size, 4, draw.normal(vocab_size, 4), ids, who="run_embedding")


def test_initial_weights_are_drawn_anew_for_every_table(drivers, check, draw):
    first, second = drivers.initial_parameters_of_two(
        "get_embedding_cls", {"num_embeddings": 250, "embedding_dim": 800}, draw.integer(0, 2**31)
    )
    check_truncated_normal(check, first, 1.0, who="Embedding(250, 800)", formula="1")
    check_truncated_normal(check, second, 1.0, who="Embedding(250, 800)", formula="1")
    check.that(
        not torch.equal(first[0].double(), second[0].double()), "two Embedding tables started with the same weights"
    )
