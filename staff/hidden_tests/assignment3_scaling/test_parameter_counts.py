"""What a configuration holds: many random models."""

from assignment3_scaling.tests.architectures import counted, draw_architecture


def test_random_models(adapters, check, draw):
    for _ in range(12):
        architecture = draw_architecture(draw, draw.choice((False, True)), draw.choice((False, True)))
        expected = sum(counted(architecture).values())
        check.equal(adapters.run_total_params(architecture), expected, who="run_total_params")


def test_non_embedding_parameters(adapters, check, draw):
    for _ in range(8):
        layers, width = draw.integer(1, 300), draw.integer(1, 10**6)
        check.equal(
            adapters.run_non_embedding_params(layers, width),
            12 * layers * width * width,
            who="run_non_embedding_params",
        )
