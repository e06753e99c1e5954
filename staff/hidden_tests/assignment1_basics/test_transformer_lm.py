"""The language model in other sizes, over several calls, and as it starts."""

import torch

from assignment1_basics.tests import float64_reference as reference
from assignment1_basics.tests.random_transformer import language_model

WHO, CLASS = "run_transformer_lm", "get_transformer_lm_cls"
SIZES = {"vocab_size": 60, "context_length": 16, "d_model": 32, "num_layers": 2, "num_heads": 4, "d_ff": 48}


def test_many_layers_of_random_sizes(adapters, check, draw):
    heads, theta = draw.integer(1, 4), draw.choice([100.0, 10000.0, 500000.0])
    layers, d_model, context = draw.integer(4, 6), heads * 2 * draw.integer(2, 6), draw.integer(10, 30)
    arguments = language_model(
        draw,
        vocab_size=draw.integer(5, 90),
        context_length=context,
        d_model=d_model,
        num_layers=layers,
        num_heads=heads,
        d_ff=draw.integer(4, 60),
    )
    arguments["rope_theta"] = theta
    tokens = draw.integers(0, arguments["vocab_size"], 2, context)
    check.close(
        adapters.run_transformer_lm(**arguments, in_indices=tokens),
        reference.transformer_lm(layers, heads, theta, arguments["weights"], tokens),
        rtol=2e-4,
        dtype=torch.float32,
        who=WHO,
    )


def test_nothing_is_kept_from_call_to_call(drivers, check, draw):
    short, other, long = (draw.integers(0, 60, 3, length) for length in (5, 5, 16))
    calls = [[short], [other], [long], [short], [torch.cat((short, other))]]
    outputs = drivers.module_outputs(CLASS, SIZES, calls, draw.integer(0, 2**31))
    check.that(
        len(outputs) == 5 and outputs[0].shape == outputs[1].shape == (3, 5, 60),
        "TransformerLM did not return logits of the shape (3, 5, 60)",
    )
    check.equal(outputs[3], outputs[0], who="TransformerLM called again with the same tokens")
    check.close(
        outputs[4],
        torch.cat((outputs[0], outputs[1])),
        rtol=2e-5,
        constant=True,
        who="TransformerLM called with two batches in one",
    )


def test_the_default_theta_is_ten_thousand_and_another_one_is_used(drivers, check, draw):
    tokens, seed = draw.integers(0, 60, 2, 16), draw.integer(0, 2**31)
    default = drivers.module_output(CLASS, SIZES, [tokens], seed)
    ten_thousand = drivers.module_output(CLASS, {**SIZES, "rope_theta": 10000.0}, [tokens], seed)
    fifty = drivers.module_output(CLASS, {**SIZES, "rope_theta": 50.0}, [tokens], seed)
    check.equal(default, ten_thousand, who="TransformerLM without rope_theta")
    check.that(
        not torch.equal(default.double(), fifty.double()), "TransformerLM gives the same logits for rope_theta 50"
    )


def test_a_new_model_starts_as_its_layers_do(drivers, check, draw):
    sizes = {**SIZES, "vocab_size": 500, "d_model": 64}
    parameters = drivers.initial_parameters(CLASS, sizes, draw.integer(0, 2**31))
    check.that(
        all(torch.equal(gain.double(), torch.ones(64, dtype=torch.float64)) for gain in parameters if gain.ndim == 1),
        "TransformerLM starts with a norm whose gains are not one",
    )
    tables = [matrix.double().square().mean().sqrt().item() for matrix in parameters if matrix.numel() == 500 * 64]
    head = (2 / (500 + 64)) ** 0.5
    check.that(
        len(tables) == 2 and 0.95 < max(tables) < 1.05 and 0.95 * head < min(tables) < 1.05 * head,
        "TransformerLM's embedding and output map do not start as Embedding and Linear do",
    )
    matrices = [matrix for matrix in parameters if matrix.ndim > 1]
    check.that(
        not any(
            torch.equal(matrix.double(), other.double())
            for i, matrix in enumerate(matrices)
            for other in matrices[i + 1 :]
        ),
        "two matrices of a new TransformerLM are equal; expected each to be drawn on its own",
    )


def test_a_sequence_beyond_the_context_is_never_silently_wrong(drivers, check, draw):
    arguments = language_model(draw, **SIZES)
    tokens = draw.integers(0, 60, 2, 24)
    logits = drivers.result_or_refusal(WHO, {**arguments, "in_indices": tokens})
    if logits is not None:
        check.close(
            logits,
            reference.transformer_lm(2, 4, 10000.0, arguments["weights"], tokens),
            rtol=1e-4,
            dtype=torch.float32,
            who=f"{WHO} with a sequence longer than context_length",
            hint="raise, or compute the right logits",
        )
