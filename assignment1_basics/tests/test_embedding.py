"""Embedding: row i of the matrix for token id i, whatever the shape of the ids."""

import pytest
import torch

from assignment1_basics.tests.truncated_normal import check_truncated_normal


def table(draw):
    vocab_size, d_model = draw.integer(30, 60), draw.integer(5, 20)
    return {"vocab_size": vocab_size, "d_model": d_model, "weights": draw.normal(vocab_size, d_model)}


@pytest.mark.parametrize("shape", [(9,), (3, 7), (2, 3, 4)], ids=["1d", "2d", "3d"])
def test_every_id_becomes_its_row(adapters, check, draw, shape):
    arguments = table(draw)
    ids = draw.integers(0, arguments["vocab_size"], *shape)
    check.equal(
        adapters.run_embedding(**arguments, token_ids=ids),
        arguments["weights"][ids],
        who="run_embedding",
        hint="rows are copied, not computed with: they are equal to the last bit",
    )


def test_the_first_and_the_last_id_have_a_row(adapters, check, draw):
    arguments = table(draw)
    ids = torch.tensor([0, arguments["vocab_size"] - 1])
    check.equal(adapters.run_embedding(**arguments, token_ids=ids), arguments["weights"][ids], who="run_embedding")


def test_an_id_beyond_the_vocabulary_is_an_error(adapters, check, draw):
    arguments = table(draw)
    ids = torch.tensor([0, arguments["vocab_size"], 1])
    check.rejects(
        adapters.run_embedding,
        **arguments,
        token_ids=ids,
        who="run_embedding",
        hint="an id that is not in the vocabulary has no row",
    )


def test_gradients_of_a_repeated_id_add_up(drivers, check, draw):
    weights, cotangent = draw.normal(10, 6), draw.normal(2, 4, 6)
    ids = torch.tensor([[3, 3, 7, 0], [3, 9, 7, 1]])
    sizes = {"num_embeddings": 10, "embedding_dim": 6}
    _, gradient = drivers.gradients_of_only_parameter("get_embedding_cls", sizes, weights, [ids], cotangent)
    expected = torch.zeros(10, 6, dtype=torch.float64)
    expected.index_add_(0, ids.flatten(), cotangent.double().flatten(0, 1))
    check.close(gradient, expected, rtol=2e-6, dtype=torch.float32, who="the weight gradient of Embedding")


def test_the_only_parameter_is_the_matrix(drivers, check):
    found = drivers.parameter_descriptions("get_embedding_cls", {"num_embeddings": 12, "embedding_dim": 20})
    shapes = [shape for shape, _, _ in found]
    check.that(
        len(shapes) == 1 and sorted(shapes[0]) == [12, 20],
        f"Embedding(12, 20) has trainable parameters of the shapes {shapes}; expected one of 12 x 20",
    )


def test_initial_weights_follow_a_truncated_normal_distribution(drivers, check, draw):
    parameters = drivers.initial_parameters(
        "get_embedding_cls", {"num_embeddings": 600, "embedding_dim": 300}, draw.integer(0, 2**31)
    )
    check_truncated_normal(check, parameters, 1.0, who="Embedding(600, 300)", formula="1")


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_the_dtype_is_honoured(drivers, check, dtype):
    arguments = {"num_embeddings": 4, "embedding_dim": 6, "dtype": dtype}
    found = {dtype for _, dtype, _ in drivers.parameter_descriptions("get_embedding_cls", arguments)}
    check.that(found == {dtype}, f"Embedding(dtype={dtype}) made parameters of {found or 'nothing'}")


def test_the_device_is_honoured(drivers, check):
    arguments = {"num_embeddings": 4, "embedding_dim": 6, "device": "meta"}
    found = {device for _, _, device in drivers.parameter_descriptions("get_embedding_cls", arguments)}
    check.that(found == {"meta"}, f"Embedding(device='meta') made parameters on {found or 'nothing'}")
