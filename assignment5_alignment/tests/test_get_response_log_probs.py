"""Log-probabilities of labels: values, gradients, one pass through the model, entropies only where asked for."""

import pytest
import torch

from assignment5_alignment import models
from assignment5_alignment.tests import small_gpt2
from assignment5_alignment.tests.labelled_tables import WHO, check_gradient, check_table, drawn, known, part

HEADS = 2
NONE = {"log_probs": torch.zeros(0)}


def test_the_labels_as_they_are_given(drivers, check, draw):
    """They are shifted already: labels that are not the next input tell whether it is done twice."""
    check_table(drivers, check, *drawn(draw), hint="labels[:, t] goes with the logits at place t")


@pytest.mark.parametrize(("rows", "length"), [(1, 1), (1, 7), (5, 1)])
def test_one_row_and_one_place(drivers, check, draw, rows, length):
    table, places, ids, labels = drawn(draw, rows, length)
    _, entropy = known(table.double()[ids] + places.double(), labels)
    chosen, _ = known(table.double()[ids] + places.double(), labels)
    values = part(check, drivers.table_log_probs(table, places, ids, labels, True, NONE), "values", dict)
    for name, expected in (("log_probs", chosen), ("token_entropy", entropy)):
        got = values[name]
        check.close(got, expected, rtol=1e-4, dtype=torch.float32, constant=True, who=f"{WHO}, {name},")


def test_logits_of_any_size(drivers, check, draw):
    """A difference of two numbers around 10,000 is known to three digits in float32; more is not asked for."""
    table, places, ids, labels = drawn(draw)
    for offset in (1e4, -1e4):
        check_table(
            drivers, check, table + offset, places, ids, labels, rtol=3e-3, hint=f"all logits are near {offset:g}"
        )


def test_the_gradient_flows_into_the_model(drivers, check, draw):
    table, places, ids, labels = drawn(draw)
    for entropy in (False, True):
        check_gradient(drivers, check, table, places, ids, labels, draw.normal(*ids.shape), entropy)


def test_entropies_only_where_asked_for(drivers, check, draw):
    for entropy in (False, True):
        keys = part(check, drivers.table_log_probs(*drawn(draw), entropy, NONE), "keys", list)
        check.that("log_probs" in keys, f"{WHO} returned no log_probs")
        fact = "with" if entropy else "without"
        check.that(("token_entropy" in keys) == entropy, f"{WHO} {fact} return_token_entropy returned {keys}")


def test_one_pass_through_the_model(drivers, check, draw):
    table, places, ids, labels = drawn(draw)
    calls = part(check, drivers.table_log_probs(table, places, ids, labels, True, NONE), "calls", list)
    check.that(len(calls) == 1, f"{WHO} called the model {len(calls)} times; expected once")
    check.equal(
        [call["ids"] for call in calls if isinstance(call, dict)],
        [ids],
        who=f"{WHO} called the model with what it",
        hint="all of input_ids go in",
    )


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_of_the_model_is_the_callers(drivers, check, draw, training):
    found = drivers.table_log_probs(*drawn(draw), True, NONE, training)
    calls = [call for call in part(check, found, "calls", list) if isinstance(call, dict)]
    check.that(len(calls) >= 1, f"{WHO} never called the model")
    modes = [found["training"], *(call["training"] for call in calls)]
    check.that(
        modes.count(training) == len(modes), f"{WHO} changed the mode of the model, which was training={training}"
    )


@pytest.mark.beyond_public_course
def test_the_ids_stay_as_they_are(drivers, check, draw):
    table, places, ids, labels = drawn(draw)
    after = drivers.table_log_probs(table, places, ids, labels, True, NONE)["arguments"]
    check.equal(after, [ids, labels], who=WHO, hint="the arguments are the caller's")


@pytest.mark.beyond_public_course
def test_a_model_in_bfloat16_has_log_probs_in_float32(drivers, check, draw):
    table, places, ids, labels = drawn(draw)
    table, places = table.bfloat16(), places.bfloat16()
    chosen, entropy = known((table[ids] + places[: ids.shape[1]]).double(), labels)
    values = part(check, drivers.table_log_probs(table, places, ids, labels, True, NONE), "values", dict)
    hint = "eight bits of a mantissa are too few for a logarithm"
    for name, expected in (("log_probs", chosen), ("token_entropy", entropy)):
        check.close(values[name], expected, rtol=1e-4, dtype=torch.float32, who=f"{WHO}, {name},", hint=hint)


def test_a_model_of_hugging_faces(drivers, check, draw):
    weights = models.weights("tiny-gpt2")
    leaves = {name: weight.double().requires_grad_() for name, weight in weights.items()}
    ids, labels = draw.integers(0, 1024, 3, 8), draw.integers(0, 1024, 3, 8)
    chosen, entropy = known(small_gpt2.logits(leaves, ids, HEADS), labels)
    chosen.sum().backward()
    found = drivers.model_log_probs("tiny-gpt2", weights, ids, labels)
    for name, expected in (("log_probs", chosen), ("token_entropy", entropy)):
        check.close(found[name], expected.detach(), rtol=1e-4, dtype=torch.float32, who=f"{WHO}, {name},")
    for name, leaf in leaves.items():
        gradient = part(check, found, "gradients", dict)[name]
        check.that(gradient is not None, f"{WHO}: no gradient reaches {name}")
        check.close(gradient, leaf.grad, rtol=1e-3, dtype=torch.float32, who=f"{WHO}, the gradient by {name},")
