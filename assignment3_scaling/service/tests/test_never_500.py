"""Whatever is sent, the answer is JSON with a code below 500, and nothing was queued that breaks a rule."""

import copy
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from assignment3_scaling.service.api.access import Access
from assignment3_scaling.service.api.app import create_app
from assignment3_scaling.service.clock import ManualClock
from assignment3_scaling.service.rules import broken_rules
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests.configs import CONFIG
from assignment3_scaling.service.tests.scripted import ScriptedBackend

PLENTY = Access(requests_per_minute=10**9, submits_per_minute=10**9, bad_keys_per_minute=10**9, internal_key="s3cret")
EXAMPLES = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

strange_numbers = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -0.0, 1e308, -1e308, 2**31, 2**63, 2**64, 10**30, 10**400, 5e-324])
)
texts = st.one_of(st.text(max_size=8), st.sampled_from(["", "\0", "\ud800", "1", "NaN", "adamw", "sgd", "float32"]))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), strange_numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
BET = {"training_config": CONFIG, "predicted_final_loss": 3.0, "prediction_interval": {"low": 2.0, "high": 4.0}}
EVENT = {"log_type": "validation_loss", "run_id": "x", "evaluation": 0, "val_loss": 1.0}
RESULT = {
    "result_type": "failed", "run_id": "x", "used_runtime_seconds": 1.0,
    "reason": {"reason": "numerical", "partial_val_losses": [1.0, None], "failure": "x"},
}  # fmt: skip
BODIES = [
    ("/submit", CONFIG), ("/final_submission", BET), ("/internal/worker/claim", {"worker": "w", "at_most": 1}),
    ("/internal/worker/1/event", EVENT), ("/internal/worker/1/finish", RESULT),
]  # fmt: skip


def paths(value, at=()):
    """The places in plain data."""
    yield at
    if isinstance(value, dict):
        for key in value:
            yield from paths(value[key], (*at, key))


@st.composite
def changed(draw, body):
    """The body with one to three places changed, left out, or added to."""
    found = copy.deepcopy(body)
    for _ in range(draw(st.integers(1, 3))):
        *parents, name = draw(st.sampled_from([path for path in paths(found) if path]))
        place = found
        for parent in parents:
            place = place[parent]
        how = draw(st.sampled_from(["change", "change", "change", "leave out", "add"]))
        if how == "leave out":
            del place[name]
        else:
            place[draw(texts) if how == "add" else name] = draw(values)
        if not isinstance(found, dict) or not found:
            break
    return found


@pytest.fixture(scope="module")
def scene():
    """The API over a service with a running experiment and a queued one; the headers let everybody in."""
    service = Service.in_memory(ScriptedBackend(), clock=ManualClock())
    with TestClient(create_app(service, access=PLENTY, loss_function=lambda point, seed: 3.0)) as client:
        key = service.add_student("heron").key
        client.headers |= {"X-API-Key": key, "X-Internal-Key": "s3cret"}
        client.service, client.key = service, key
        service.submit(1, CONFIG)
        service.workers.claim("w", 1)
        yield client


def fine(answer):
    """JSON below 500, or nothing."""
    assert answer.status_code < 500, answer.text
    if answer.status_code not in (204, 307):
        json.loads(answer.content, parse_constant=lambda name: pytest.fail(f"{name} in an answer"))
    return True


@pytest.mark.parametrize(("path", "body"), BODIES, ids=[path for path, _ in BODIES])
def test_no_body_that_is_nearly_right_is_an_error_of_ours(scene, path, body):
    @EXAMPLES
    @given(changed(body))
    def check(sent):
        assert fine(scene.post(path, content=json.dumps(sent)))

    check()
    for one in scene.get("/experiments").json():
        assert broken_rules(one["training_config"]) == []


@pytest.mark.parametrize("path", [path for path, _ in BODIES])
def test_no_body_at_all_is_an_error_of_ours(scene, path):
    @EXAMPLES
    @given(st.one_of(values.map(lambda value: json.dumps(value).encode()), st.binary(max_size=40)))
    def check(sent):
        answer = scene.post(path, content=sent)
        assert fine(answer)
        assert answer.status_code in (400, 409, 422)

    check()


@EXAMPLES
@given(
    st.sampled_from(["/experiment/{}", "/internal/worker/{}/event", "/loss?d_model={}", "/{}"]), st.text(max_size=30),
    st.dictionaries(st.sampled_from(["X-API-Key", "Idempotency-Key", "X-Request-ID", "X-Internal-Key", "Origin"]),
                    st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20), max_size=3),
)  # fmt: skip
def test_no_path_and_no_header_is_an_error_of_ours(scene, path, part, headers):
    from urllib.parse import quote

    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    method = "POST" if "internal" in path else "GET"
    answer = scene.request(method, path.format(quote(part, safe="")), headers=encoded, content=b"{}")
    assert answer.status_code < 500, answer.text


NUMBERS = ("d_model", "num_layers", "num_heads", "batch_size", "learning_rate", "train_flops")


@EXAMPLES
@given(
    st.dictionaries(st.sampled_from(NUMBERS), st.one_of(strange_numbers.map(str), texts.filter(lambda t: t.isascii())))
)
def test_no_point_of_the_loss_function_is_an_error_of_ours(scene, changes):
    point = dict(zip(NUMBERS, ("512", "8", "8", "128", "0.001", "1e13"), strict=True)) | changes
    assert fine(scene.get("/loss", params={**point, "api_key": scene.key}))
