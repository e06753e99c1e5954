"""Two configs are the same experiment when nothing that the losses depend on differs."""

import pytest

from assignment3_scaling.service.identity import content_id
from assignment3_scaling.service.schemas import TrainingConfig, parse
from assignment3_scaling.service.tests.configs import CONFIG, config


def name(body):
    return content_id(parse(TrainingConfig, body))


@pytest.mark.parametrize("same", [
    {"max_runtime_seconds": 61.0}, {"n_evals": 8}, {"val_batch_size": 64}, {"train_batch_size": 32.0},
    {"optimizer_config__type": "adamw"}, {"optimizer_config__beta1": ...}, {"model_seed": ...},
    {"optimizer_config__lr_scheduler__init_value": -0.0}, {"optimizer_config__lr_scheduler__init_value": 0},
], ids=str)  # fmt: skip
def test_what_does_not_matter_is_left_out(same):
    assert name(config(**same)) == name(config())


def test_the_order_of_fields_does_not_matter():
    assert name(dict(reversed(CONFIG.items()))) == name(CONFIG)


@pytest.mark.parametrize("other", [
    {"model_seed": 1}, {"train_batch_size": 64}, {"total_train_tokens": 512 * 32 * 128},
    {"optimizer_config__lr_scheduler__peak_value": 1e-3}, {"optimizer_config__grad_clip_norm": None},
    {"architecture_config__num_hidden_layers": 5}, {"architecture_config__dtype": "bfloat16"},
    {"architecture_config__tie_word_embeddings": True},
], ids=str)  # fmt: skip
def test_what_matters_makes_another_experiment(other):
    assert name(config(**other)) != name(config())


def test_the_optimizers_differ_though_their_schedules_are_the_same():
    schedule = {"lr_scheduler": CONFIG["optimizer_config"]["lr_scheduler"], "grad_clip_norm": 1.0}
    names = {name(config(optimizer_config={"type": kind, **schedule})) for kind in ("adamw", "sgd")}
    assert len(names) == 2


def test_the_name_is_stable_from_release_to_release():
    # What is in a course's database must be found again after an update.
    assert name(config()) == "b655153f96ec4551abd3"
