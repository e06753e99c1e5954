"""What a configuration holds: N of the laws, and every number that is trained."""

import pytest

from assignment3_scaling.tests.architectures import counted, draw_architecture

N, TOTAL = "run_non_embedding_params", "run_total_params"


@pytest.mark.parametrize(
    ("layers", "width", "number"), [(1, 1, 12), (2, 64, 98_304), (12, 768, 84_934_656), (48, 1600, 1_474_560_000)]
)
def test_non_embedding_parameters_of_known_sizes(adapters, check, layers, width, number):
    check.equal(adapters.run_non_embedding_params(layers, width), number, who=N)


def test_non_embedding_parameters_of_random_sizes(adapters, check, draw):
    for _ in range(6):
        layers, width = draw.integer(1, 200), draw.integer(1, 30_000)
        check.equal(adapters.run_non_embedding_params(layers, width), sum([width**2] * 12 * layers), who=N)


def test_a_model_by_hand(adapters, check):
    """Two layers of 3 · 4 · 8 + 4 · 16 + 2 · 4 + 2 · 2 numbers, two tables of 10 · 4, and the last norm's 4."""
    architecture = {
        "attention_bias": False, "head_dim": 2, "hidden_size": 4, "intermediate_size": 8, "num_attention_heads": 2,
        "num_hidden_layers": 2, "num_key_value_heads": 2, "rms_norm_eps": 1e-6, "rope_theta": 10_000,
        "tie_word_embeddings": False, "dtype": "float32", "vocab_size": 10,
    }  # fmt: skip
    check.equal(adapters.run_total_params(architecture), 428, who=TOTAL)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("tied", [False, True])
def test_every_tensor_counts_once(adapters, check, draw, bias, tied):
    for _ in range(4):
        architecture = draw_architecture(draw, bias, tied)
        expected = sum(counted(architecture).values())
        check.equal(
            adapters.run_total_params(architecture), expected, who=TOTAL,
            hint=f"attention_bias is {bias}, tie_word_embeddings is {tied}",
        )  # fmt: skip


def test_the_counts_of_large_models_are_exact(adapters, check, draw):
    architecture = {**draw_architecture(draw, True, False), "num_hidden_layers": 4000, "vocab_size": 999_983}
    architecture |= {"hidden_size": 2**19, "head_dim": 2**10, "num_attention_heads": 2**9, "num_key_value_heads": 2**9}
    architecture |= {"intermediate_size": 2**20 - 1}
    check.equal(adapters.run_total_params(architecture), sum(counted(architecture).values()), who=TOTAL)
    check.equal(adapters.run_non_embedding_params(4001, 2**27 + 1), 12 * 4001 * (2**27 + 1) ** 2, who=N)


def test_what_is_not_a_size_changes_nothing(adapters, check, draw):
    architecture = draw_architecture(draw, True, True)
    other = {**architecture, "dtype": "bfloat16", "rope_theta": 77, "rms_norm_eps": 1e-3}
    found = [adapters.run_total_params(each) for each in (architecture, other)]
    check.equal(found, [sum(counted(architecture).values())] * 2, who=f"{TOTAL}, for another dtype,")
