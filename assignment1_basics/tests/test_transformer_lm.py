"""The language model: token embedding, blocks, final norm, and one logit for each token of the vocabulary."""

import math

import pytest
import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import language_model

RTOL = 1e-4
WHO, CLASS = "run_transformer_lm", "get_transformer_lm_cls"
SIZES = {"vocab_size": 50, "context_length": 12, "d_model": 24, "num_layers": 3, "num_heads": 3, "d_ff": 40}


def expected_logits(arguments, tokens):
    layers, heads, theta = (arguments[key] for key in ("num_layers", "num_heads", "rope_theta"))
    return reference.transformer_lm(layers, heads, theta, arguments["weights"], tokens)


def check_logits(adapters, check, arguments, tokens, hint=""):
    found = adapters.run_transformer_lm(**arguments, in_indices=tokens)
    check.close(found, expected_logits(arguments, tokens), rtol=RTOL, dtype=torch.float32, who=WHO, hint=hint)


@pytest.mark.parametrize("length", [12, 7, 1])
def test_logits_of_every_position_for_any_length_up_to_the_context(adapters, check, draw, length):
    arguments, tokens = language_model(draw, **SIZES), draw.integers(0, 50, 2, length)
    check_logits(
        adapters,
        check,
        arguments,
        tokens,
        hint="embedding, blocks in order, final norm, output map; logits are not normalised",
    )


@pytest.mark.parametrize("changed", [{"num_layers": 1}, {"num_heads": 12}, {"rope_theta": 30.0}, {"d_ff": 9}])
def test_sizes_and_theta_are_arguments(adapters, check, draw, changed):
    theta = {key: value for key, value in changed.items() if key == "rope_theta"}
    sizes = {key: value for key, value in changed.items() if key != "rope_theta"}
    arguments = {**language_model(draw, **{**SIZES, **sizes}), **theta}
    tokens = draw.integers(0, 50, 3, 10)
    check_logits(adapters, check, arguments, tokens)


def test_the_final_norm_has_the_default_eps_which_small_activations_show(adapters, check, draw):
    arguments, tokens = language_model(draw, **{**SIZES, "num_layers": 1}), draw.integers(0, 50, 2, 6)
    for name in ("token_embeddings.weight", "layers.0.attn.output_proj.weight", "layers.0.ffn.w2.weight"):
        arguments["weights"][name] *= 3e-3
    check_logits(adapters, check, arguments, tokens, hint="every norm of the model has eps = 1e-5")


def test_the_future_does_not_change_the_past(adapters, check, draw):
    arguments, tokens, seen = language_model(draw, **SIZES), draw.integers(0, 50, 2, 12), draw.integer(1, 11)
    changed = tokens.clone()
    changed[:, seen:] = (changed[:, seen:] + draw.integers(1, 50, 2, 12 - seen)) % 50
    before, after = (adapters.run_transformer_lm(**arguments, in_indices=given) for given in (tokens, changed))
    check.that(before.shape == after.shape == (2, 12, 50), f"{WHO} did not return logits of the shape (2, 12, 50)")
    check.equal(
        after[:, :seen].contiguous(),
        before[:, :seen].contiguous(),
        who=f"{WHO} with other tokens after position {seen - 1}, up to that position",
    )


def test_sequences_of_a_batch_do_not_mix(adapters, check, draw):
    arguments, tokens, order = language_model(draw, **SIZES), draw.integers(0, 50, 5, 8), draw.permutation(5)
    given, shuffled = (adapters.run_transformer_lm(**arguments, in_indices=batch) for batch in (tokens, tokens[order]))
    check.that(given.shape == (5, 8, 50), f"{WHO} did not return logits of the shape (5, 8, 50)")
    check.close(shuffled, given[order], rtol=2e-5, constant=True, who=f"{WHO} with its sequences in another order")


def test_an_id_beyond_the_vocabulary_is_an_error(adapters, check, draw):
    arguments, tokens = language_model(draw, **SIZES), draw.integers(0, 50, 2, 6)
    tokens[1, 3] = 50
    check.rejects(adapters.run_transformer_lm, **arguments, in_indices=tokens, who=WHO)


@pytest.mark.parametrize("sizes", [SIZES, {**SIZES, "num_layers": 1, "d_ff": 33, "context_length": 64}])
def test_every_weight_is_a_parameter_of_its_own(drivers, check, sizes):
    found = drivers.parameter_descriptions(CLASS, sizes)
    vocab_size, d_model, num_layers, d_ff = (sizes[key] for key in ("vocab_size", "d_model", "num_layers", "d_ff"))
    per_layer = 4 * d_model**2 + 3 * d_model * d_ff + 2 * d_model
    expected = 2 * vocab_size * d_model + num_layers * per_layer + d_model
    numbers = sum(math.prod(shape) for shape, _, _ in found)
    check.that(
        numbers == expected,
        f"TransformerLM trains {numbers} numbers; expected {expected}: all matrices and norms registered, "
        "none shared between layers or between embedding and output, no biases",
    )


def test_every_parameter_gets_a_gradient(drivers, check, draw):
    tokens, cotangent = draw.integers(0, 50, 2, 12), draw.normal(2, 12, 50)
    gradients = drivers.parameter_gradients(CLASS, SIZES, [tokens], cotangent, draw.integer(0, 2**31))
    check.that(
        len(gradients) > 0 and all(gradient is not None and gradient.double().any() for gradient in gradients),
        "a parameter of TransformerLM gets no gradient; expected every one to take part in the logits",
    )


def test_gradients_agree_with_a_difference_quotient(drivers, check, draw):
    tokens, cotangent, step = draw.integers(0, 50, 2, 6), draw.normal(2, 6, 50, dtype=torch.float64), 1e-3
    below, above, direction, gradients = drivers.outputs_along_a_line(
        CLASS, {**SIZES, "dtype": "float64"}, [tokens], cotangent, step, draw.integer(0, 2**31)
    )
    check.that(
        below.shape == above.shape == cotangent.shape
        and below.dtype == above.dtype == torch.float64
        and len(direction) == len(gradients) > 0,
        "TransformerLM did not return logits of the shape (2, 6, 50)",
    )
    check.that(
        all(g is not None and g.shape == d.shape for g, d in zip(gradients, direction, strict=True)),
        "a parameter of TransformerLM gets no gradient",
    )
    quotient = ((above - below) * cotangent).sum().item() / (2 * step)
    slope = sum((g.double() * d.double()).sum().item() for g, d in zip(gradients, direction, strict=True))
    length = math.sqrt(sum(g.double().square().sum().item() for g in gradients))
    check.that(
        abs(slope - quotient) <= 0.01 * length,
        "the gradients of TransformerLM do not say how its logits change with its parameters; "
        "expected no part of the way to be detached",
    )


def test_one_batch_can_be_learned_by_heart(drivers, check, draw):
    tokens, targets = draw.integers(0, 50, 4, 8), draw.integers(0, 50, 4, 8)
    before, after = drivers.logits_around_training(
        CLASS, {**SIZES, "num_layers": 2}, tokens, targets, steps=40, learning_rate=0.01, seed=draw.integer(0, 2**31)
    )
    check.that(before.shape == after.shape == (4, 8, 50), f"{CLASS}: expected logits of the shape (4, 8, 50)")
    first, last = (
        torch.nn.functional.cross_entropy(logits.double().flatten(0, 1), targets.flatten()).item()
        for logits in (before, after)
    )
    check.that(
        last < 0.1 * first,
        f"40 steps of training on one batch took the loss of TransformerLM from {first:.3g} to {last:.3g}; "
        "expected less than a tenth",
    )


@pytest.mark.parametrize("option", [{"dtype": "float64"}, {"dtype": "bfloat16"}, {"device": "meta"}])
def test_dtype_and_device_are_honoured(drivers, check, option):
    found = drivers.parameter_descriptions(CLASS, {**SIZES, **option})
    (wanted,) = option.values()
    check.that(
        len(found) > 0 and all(wanted in (dtype, device) for _, dtype, device in found),
        f"TransformerLM with {option} has parameters of another kind",
    )


def test_tables_are_made_on_the_device(drivers, check):
    found = drivers.buffer_descriptions(CLASS, {**SIZES, "device": "meta"})
    check.that(
        all(device == "meta" for _, _, device in found),
        "TransformerLM(device='meta') has a buffer that is not on that device",
    )


@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-4), ("bfloat16", 0.1)])
def test_other_precisions_run_and_agree(drivers, check, draw, dtype, rtol):
    tokens = draw.integers(0, 50, 2, 12)
    outputs = drivers.outputs_in_dtypes(CLASS, SIZES, [tokens], [dtype, "float32"], draw.integer(0, 2**31))
    check.that(len(outputs) == 2, "TransformerLM did not return once a call")
    check.close(
        outputs[0],
        outputs[1].double(),
        rtol=rtol,
        constant=True,
        dtype=getattr(torch, dtype),
        who=f"TransformerLM(dtype={dtype})",
    )
