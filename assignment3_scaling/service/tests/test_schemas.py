"""Shapes are strict: what is not what it should be is an error that names the field, and nothing is guessed."""

import math
import subprocess
import sys
from pathlib import Path

import pytest

from assignment3_scaling.service.errors import InvalidConfig
from assignment3_scaling.service.schemas import AdamWConfig, FinalSubmission, SGDConfig, TrainingConfig, parse
from assignment3_scaling.service.tests.configs import CONFIG, config

REPOSITORY = Path(__file__).resolve().parents[3]
NEEDS_TYPE = "optimizer_config needs a type, 'adamw' or 'sgd', where no field of AdamW alone is given"


def refused(body, shape=TrainingConfig):
    with pytest.raises(InvalidConfig) as caught:
        parse(shape, body)
    return [(".".join(map(str, problem["loc"])), problem["msg"]) for problem in caught.value.problems]


def test_a_config_comes_back_as_it_went_in():
    assert parse(TrainingConfig, config()).as_json() == CONFIG


def test_defaults_are_filled_in():
    body = config(n_evals=..., model_seed=..., optimizer_config={"weight_decay": 0.2})
    found = parse(TrainingConfig, {**body, "total_train_tokens": 512 * 32 * 64}).as_json()
    assert (found["n_evals"], found["model_seed"]) == (16, 0)
    assert found["optimizer_config"] == {
        "lr_scheduler": {"peak_value": 3e-4, "final_lr_frac": 0.1, "warmup_frac": 0.05, "init_value": 0.0},
        "weight_decay": 0.2, "beta1": 0.9, "beta2": 0.95, "eps": 1e-8, "eps_root": 1e-8, "grad_clip_norm": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("optimizer", [{}, {"lr_scheduler": {"peak_value": 1e-3}}, {"lr_scheduler": {}, "grad_clip_norm": 1.0},
                                       {"type": "adam"}, {"type": None}, [], None, "adamw"], ids=str)  # fmt: skip
def test_an_optimizer_that_could_be_either_is_refused(optimizer):
    assert refused(config(optimizer_config=optimizer)) == [("optimizer_config", NEEDS_TYPE)]


def test_an_optimizer_is_what_its_type_says():
    assert isinstance(parse(TrainingConfig, config(optimizer_config={"type": "adamw"})).optimizer_config, AdamWConfig)
    sgd = parse(TrainingConfig, config(optimizer_config={"type": "sgd", "lr_scheduler": {}}))
    assert isinstance(sgd.optimizer_config, SGDConfig)
    assert sgd.as_json()["optimizer_config"]["type"] == "sgd"


def test_adamw_is_recognised_by_its_own_fields_and_its_type_is_not_echoed():
    found = parse(TrainingConfig, config(optimizer_config__type="adamw"))
    assert found == parse(TrainingConfig, config())
    assert "type" not in found.as_json()["optimizer_config"]


def test_sgd_has_no_weight_decay():
    sgd = {"type": "sgd", "lr_scheduler": {}, "weight_decay": 0.1}
    assert refused(config(optimizer_config=sgd)) == [
        ("optimizer_config.weight_decay", "Extra inputs are not permitted")
    ]


@pytest.mark.parametrize("path", [
    "max_runtime_seconds", "optimizer_config__lr_scheduler__peak_value", "optimizer_config__weight_decay",
    "architecture_config__rms_norm_eps", "optimizer_config__grad_clip_norm", "train_batch_size",
])  # fmt: skip
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_everywhere(path, number):
    message = "Input should be a valid integer" if path == "train_batch_size" else "Input should be a finite number"
    assert refused(config(**{path: number})) == [(path.replace("__", "."), message)]


@pytest.mark.parametrize(("path", "value", "message"), [
    ("train_batch_size", "32", "Input should be a valid integer"),
    ("train_batch_size", True, "Input should be a valid integer"),
    ("train_batch_size", 32.5, "Input should be a valid integer"),
    ("train_batch_size", None, "Input should be a valid integer"),
    ("max_runtime_seconds", "60", "Input should be a valid number"),
    ("max_runtime_seconds", True, "Input should be a valid number"),
    ("max_runtime_seconds", 10**400, "Input should be a valid number"),
    ("architecture_config__attention_bias", 1, "Input should be a valid boolean"),
    ("architecture_config__dtype", "float16", "Input should be 'float32' or 'bfloat16'"),
    ("architecture_config__dropout", 0.1, "Extra inputs are not permitted"),
    ("architecture_config__vocab_size", ..., "Field required"),
    ("colour", "grey", "Extra inputs are not permitted"),
    ("total_train_tokens", ..., "Field required"),
])  # fmt: skip
def test_a_value_of_the_wrong_type_is_refused_with_its_field(path, value, message):
    assert refused(config(**{path: value})) == [(path.replace("__", "."), message)]


def test_a_count_may_be_written_as_a_float_without_a_fraction():
    found = parse(TrainingConfig, config(train_batch_size=32.0, total_train_tokens=float(512 * 32 * 64)))
    assert found.as_json() == CONFIG
    assert type(found.train_batch_size) is int


def test_the_api_and_its_clients_need_no_torch():
    modules = [
        f"assignment3_scaling.service.{name}" for name in ("schemas", "__main__", "client.http", "client.in_process")
    ]
    code = f"import sys, {', '.join(modules)}; print('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert ended.stdout == "False\n"


def test_the_number_of_parameters_is_that_of_the_handout():
    assert parse(TrainingConfig, config()).architecture_config.non_embedding_parameters() == 12 * 4 * 256**2


def bet(**changes):
    return {"training_config": config(), "predicted_final_loss": 3.1, **changes}


@pytest.mark.parametrize(("loss", "message"), [
    (0, "Input should be greater than 0"), (-1.0, "Input should be greater than 0"),
    (math.inf, "Input should be a finite number"), (math.nan, "Input should be a finite number"),
    ("3.1", "Input should be a valid number"), (None, "Input should be a valid number"),
])  # fmt: skip
def test_a_prediction_is_a_positive_number(loss, message):
    assert refused(bet(predicted_final_loss=loss), FinalSubmission) == [("predicted_final_loss", message)]


@pytest.mark.parametrize("interval", [{"low": 3.2, "high": 3.3}, {"low": 2.9, "high": 3.0}, {"low": 0.0, "high": 9.0}])
def test_an_interval_holds_the_prediction(interval):
    message = "prediction_interval must have 0 < low <= predicted_final_loss <= high"
    assert refused(bet(prediction_interval=interval), FinalSubmission) == [("", message)]


def test_an_interval_that_was_not_given_is_not_echoed():
    assert parse(FinalSubmission, bet()).as_json() == bet()
    given = bet(prediction_interval={"low": 3.0, "high": 3.2})
    assert parse(FinalSubmission, given).as_json() == given


def test_rules_about_the_config_of_a_bet_name_their_place():
    body = bet(training_config=config(n_evals=7))
    message = "total optimizer steps must be divisible by n_evals"
    assert refused(body, FinalSubmission) == [("training_config.n_evals", message)]


@pytest.mark.parametrize("body", [None, [], 3, "{}", True])
def test_a_body_that_is_no_object_is_refused(body):
    [(place, message)] = refused(body)
    assert place == ""
    assert message.startswith("Input should be a valid dictionary")
