"""Other tables, sizes and gradients, and the other family of models."""

import pytest
import torch

from assignment5_alignment import models
from assignment5_alignment.tests.labelled_tables import WHO, check_gradient, check_table, drawn, part


@pytest.mark.parametrize(("rows", "length", "vocabulary"), [(2, 3, 5), (7, 4, 30), (3, 16, 12)])
def test_other_sizes(drivers, check, draw, rows, length, vocabulary):
    check_table(drivers, check, *drawn(draw, rows, length, vocabulary, scale=3.0))


def test_labels_that_follow_the_inputs(drivers, check, draw):
    table, places, ids, _ = drawn(draw, 3, 9)
    check_table(drivers, check, table, places[:8], ids[:, :-1], ids[:, 1:])


def test_the_gradient_of_a_part_of_the_places(drivers, check, draw):
    table, places, ids, labels = drawn(draw, 5, 7)
    mask = draw.boolean(5, 7).float()
    mask[0, 0] = 1.0
    check_gradient(drivers, check, table, places, ids, labels, mask, True)


def test_logits_far_apart(drivers, check, draw):
    table, places, ids, labels = drawn(draw, scale=3e3)
    check_table(drivers, check, table, places, ids, labels, rtol=3e-3, tiny_entropies=True)


def test_a_model_of_the_other_family(drivers, check, draw):
    """Its own forward pass, here in float64, is what the worker's float32 is held against."""
    weights = models.weights("tiny-qwen2")
    ids, labels = draw.integers(0, 1024, 2, 7), draw.integers(0, 1024, 2, 7)
    model = models.causal_lm("tiny-qwen2").double()
    log_probs = torch.log_softmax(model(ids).logits.double(), dim=-1)
    chosen = log_probs.gather(-1, labels[..., None])[..., 0]
    chosen.sum().backward()
    found = drivers.model_log_probs("tiny-qwen2", weights, ids, labels)
    check.close(found["log_probs"], chosen.detach(), rtol=1e-3, dtype=torch.float32, who=f"{WHO}, log_probs,")
    name = "model.embed_tokens.weight"
    expected = dict(model.named_parameters())[name].grad
    gradient = part(check, found, "gradients", dict)[name]
    check.that(gradient is not None, f"{WHO}: no gradient reaches {name}")
    check.close(gradient, expected, rtol=1e-2, dtype=torch.float32, who=f"{WHO}, the gradient by {name},")
