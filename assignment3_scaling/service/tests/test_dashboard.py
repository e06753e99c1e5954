"""The dashboard's page as text, and in a headless Chromium over a real server."""

import json
import re
import threading
import time
import uuid
from dataclasses import replace

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from assignment3_scaling.service.backend import Failure, Outcome
from assignment3_scaling.service.dashboard import render
from assignment3_scaling.service.dashboard.fields import groups
from assignment3_scaling.service.limits import PUBLIC
from assignment3_scaling.service.schemas import AdamWConfig, TrainingConfig, parse
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.tests import configs
from assignment3_scaling.service.tests.browser import Dashboard, chromium
from assignment3_scaling.service.tests.live import served
from assignment3_scaling.service.training.accounts import LIMITS as TORCH

SECONDS = 60
MODEL, SCHEDULE = "architecture_config__", "optimizer_config__lr_scheduler__"
MARKUP = "<img src=x onerror=\"document.title='broken in'\"><script>document.title='broken in'</script>"


class Laboratory:
    """A backend whose losses follow a law of the model's size, one evaluation at a time if the test holds them."""

    name, limits = "laboratory", PUBLIC

    def __init__(self):
        self.evaluations = threading.Semaphore(0)
        self.held = False
        self.failure = None

    def train(self, config, *, student, report):
        n = config.architecture_config.non_embedding_parameters()
        losses = []
        for number in range(1, config.n_evals + 1):
            if self.held:
                assert self.evaluations.acquire(timeout=SECONDS), "the test never let the run go on"
            losses.append(1.5 + 40 * n**-0.3 + 2 / number)
            report(losses[-1])
        if self.failure:
            return Outcome(20.0, tuple(losses), self.failure)
        return Outcome(20.0, tuple(losses))

    def infeasible(self, config, seconds):
        return None


@pytest.fixture(scope="module")
def laboratory():
    return Laboratory()


@pytest.fixture(autouse=True)
def _everything_runs_through(laboratory):
    laboratory.held, laboratory.failure = False, None


@pytest.fixture(scope="module")
def course(laboratory):
    """The service whose dashboard is looked at."""
    service = Service.in_memory(laboratory)
    yield service
    service.close()


@pytest.fixture(scope="module")
def dashboard(course, tmp_path_factory):
    with served(course) as url, chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield Dashboard(browser, url)


@pytest.fixture
def student(course):
    """A new student for each test: `.id` and `.key`."""
    return course.add_student(uuid.uuid4().hex)


def test_submit_watch_fit_and_finalise(dashboard, course, laboratory, student):
    dashboard.open(student.key)
    assert "0 s spent, 43,200 s left" in dashboard.text("#budget-text")

    laboratory.held = True
    dashboard.fill(max_runtime_seconds=100)
    dashboard.submit()
    dashboard.until(lambda: [row["State"] for row in dashboard.rows()] == ["running 0/16"], "the run to start")
    assert "100 s reserved" in dashboard.text("#budget-text")
    laboratory.evaluations.release(3)
    dashboard.until(lambda: dashboard.rows()[0]["State"] == "running 3/16", "three evaluations")
    assert len(dashboard.script("return document.querySelector('#chart polyline').points")) == 3
    laboratory.evaluations.release(13)
    dashboard.until(lambda: dashboard.rows()[0]["State"] == "completed", "the run to complete")
    laboratory.held = False

    for width in (128, 256, 512):
        dashboard.fill(
            **{f"{MODEL}hidden_size": width, f"{MODEL}head_dim": width // 2, f"{MODEL}intermediate_size": 4 * width}
        )
        dashboard.submit()
        dashboard.until(
            lambda width=width: dashboard.rows()[0]["N"].endswith(f"× {width}")
            and dashboard.rows()[0]["State"] == "completed",
            f"the run of width {width}",
        )  # fmt: skip
    rows = dashboard.rows()
    assert [row["Run"] for row in rows] == sorted((row["Run"] for row in rows), key=int, reverse=True)
    assert "80 s spent, 43,120 s left" in dashboard.text("#budget-text")

    widths = np.array([int(row["N"].split("×")[1]) for row in rows])
    losses = np.array([float(row["Loss"]) for row in rows])
    excess = losses - 1.5 - 2 / 16
    exponent, constant = np.polyfit(np.log(24 * widths**2), np.log(excess), 1)
    assert exponent == pytest.approx(-0.3, abs=0.005)  # the law survives the table's four decimals
    predicted = round(1.625 + float(np.exp(constant)) * (24 * 1024**2) ** exponent, 4)

    assert dashboard.field("predicted_final_loss").get_attribute("value") == ""
    dashboard.fill(**{f"{MODEL}hidden_size": 1024, f"{MODEL}head_dim": 512, f"{MODEL}intermediate_size": 4096})
    dashboard.element("#copy").click()
    dashboard.field("predicted_final_loss").send_keys(f"{predicted}")
    dashboard.element("#final-form button.main").click()
    dashboard.until(lambda: f"ends at {predicted}" in dashboard.text("#standing"), "the bet to stand")
    bet = course.final_submission(student.id)
    assert bet["predicted_final_loss"] == predicted
    assert bet["training_config"]["architecture_config"]["hidden_size"] == 1024
    assert dashboard.complaints() == []


def test_a_run_that_ends_between_two_answers_leaves_no_wrong_budget(
    dashboard, course, laboratory, student, monkeypatch
):
    laboratory.held = True
    dashboard.open(student.key)
    dashboard.fill(max_runtime_seconds=100)
    dashboard.submit()
    dashboard.until(lambda: [row["State"] for row in dashboard.rows()] == ["running 0/16"], "the run to start")
    listed, ended = course.experiments, threading.Event()

    def late(number):
        if not ended.is_set():
            ended.set()
            laboratory.evaluations.release(16)
            deadline = time.monotonic() + SECONDS
            while listed(number)[0]["status"]["status_type"] != "completed" and time.monotonic() < deadline:
                time.sleep(0.01)
        return listed(number)

    monkeypatch.setattr(course, "experiments", late)
    dashboard.until(lambda: dashboard.rows()[0]["State"] == "completed", "the run to complete")
    assert "20 s spent, 43,180 s left" in dashboard.text("#budget-text")


def test_what_the_server_refuses_stands_at_its_field(dashboard, student):
    dashboard.open(student.key)
    dashboard.fill(**{f"{MODEL}hidden_size": 65, f"{MODEL}rope_theta": "many", f"{SCHEDULE}peak_value": ""})
    dashboard.submit()
    dashboard.until(lambda: dashboard.problem("architecture_config.rope_theta"), "the first problems")
    assert "valid integer" in dashboard.problem("architecture_config.rope_theta")
    assert "valid number" in dashboard.problem("optimizer_config.lr_scheduler.peak_value")
    assert dashboard.element("#run-form .problems").text == "The server refuses this. 2 things are marked below."

    dashboard.fill(**{f"{MODEL}rope_theta": 10000, f"{SCHEDULE}peak_value": "1e-3"})
    dashboard.submit()
    dashboard.until(lambda: dashboard.problem("architecture_config.hidden_size"), "the next problem")
    wrong = dashboard.field("architecture_config.hidden_size")
    assert (
        dashboard.problem("architecture_config.hidden_size") == "hidden_size must equal num_attention_heads * head_dim."
    )
    assert wrong.get_attribute("aria-invalid") == "true"
    assert dashboard.browser.switch_to.active_element == wrong
    assert dashboard.problem("architecture_config.rope_theta") == ""

    dashboard.fill(**{f"{MODEL}hidden_size": 64})
    dashboard.submit()
    dashboard.until(dashboard.rows, "the run")
    dashboard.submit()
    dashboard.until(lambda: dashboard.elements("#run-form .problems:not([hidden])"), "the refusal")
    assert dashboard.text("#run-form .problems") == "Experiment already exists for this training config."


@pytest.mark.parametrize(
    ("config", "loss", "path", "said"),
    [
        ("{", "2", "training_config", "No JSON"),
        ("{}", "2", "training_config", "Field required"),
        (None, "", "predicted_final_loss", "valid number"),
        (None, "-1", "predicted_final_loss", "greater than 0"),
    ],
)
def test_a_bet_that_is_none_is_refused_at_its_field(dashboard, course, student, config, loss, path, said):
    dashboard.open(student.key)
    dashboard.element("#copy").click()
    if config is not None:
        dashboard.field("training_config").clear()
        dashboard.field("training_config").send_keys(config)
    dashboard.field("predicted_final_loss").send_keys(loss)
    dashboard.element("#final-form button.main").click()
    dashboard.until(lambda: dashboard.problem(path), "the problem")
    assert said in dashboard.problem(path)
    assert course.final_submission(student.id) is None


def test_a_narrow_window_never_scrolls_sideways(dashboard, laboratory, student, tmp_path):
    laboratory.failure = Failure("unexpected", "a-word-without-a-place-to-break-it-" * 8)
    dashboard.open(student.key, width=360, height=740)
    dashboard.submit()
    dashboard.until(lambda: [row["State"] for row in dashboard.rows()][:1] != [] and dashboard.rows()[0]["State"].startswith("failed"), "the run to fail")  # fmt: skip
    dashboard.fill(**{f"{MODEL}hidden_size": 10**30, f"{MODEL}rope_theta": "x" * 200})
    dashboard.submit()
    dashboard.until(lambda: dashboard.problem("architecture_config.rope_theta"), "the problems")
    for details in dashboard.elements("details:not([open]) summary"):
        details.click()
    wide = dashboard.script(
        "return Array.from(document.querySelectorAll('body *'), e => [e.tagName + '#' + e.id, e.getBoundingClientRect().right])"
        ".filter(([, right]) => right > document.documentElement.clientWidth + 0.5)"
    )
    assert (
        dashboard.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    ), wide
    dashboard.screenshot(tmp_path / "narrow.png")


def test_the_keyboard_reaches_and_does_everything(dashboard, course, student):
    dashboard.load()

    def press(*keys):
        for key in keys:  # one by one, for a modifier is held to the end of a call
            dashboard.browser.switch_to.active_element.send_keys(key)

    def tab_to(selector, back=False):
        for _ in range(80):
            if dashboard.browser.switch_to.active_element in dashboard.elements(selector):
                return
            press(Keys.SHIFT + Keys.TAB if back else Keys.TAB)
        pytest.fail(f"{selector} was not reached with the tab key")

    tab_to("#key")
    press(student.key, Keys.ENTER)
    dashboard.until(lambda: dashboard.element("#main").is_displayed(), "the page to open")
    for width in ("64", "128"):
        tab_to("#architecture_config-hidden_size")
        press(Keys.CONTROL + "a", width)
        tab_to("#architecture_config-head_dim")
        press(Keys.CONTROL + "a", str(int(width) // 2))
        tab_to("#architecture_config-intermediate_size")
        press(Keys.CONTROL + "a", "512", Keys.ENTER)
        dashboard.until(lambda width=width: any(row["N"].endswith(f"× {width}") for row in dashboard.rows()), "the run")
    dashboard.until(lambda: {row["State"] for row in dashboard.rows()} == {"completed"}, "both runs")

    tab_to("th[data-key=loss] button", back=True)
    press(Keys.ENTER)
    assert dashboard.element("th[data-key=loss]").get_attribute("aria-sort") == "ascending"
    losses = [float(row["Loss"]) for row in dashboard.rows()]
    press(Keys.ENTER)
    assert [float(row["Loss"]) for row in dashboard.rows()] == losses[::-1] == sorted(losses, reverse=True)
    tab_to("#filter", back=True)
    press(Keys.END)
    assert dashboard.rows() == []
    press(Keys.HOME)
    tab_to("td.action button")
    press(Keys.ENTER)
    assert dashboard.browser.switch_to.active_element == dashboard.field("architecture_config.hidden_size")

    tab_to("#copy")
    press(Keys.ENTER)
    assert json.loads(dashboard.field("training_config").get_attribute("value"))["n_evals"] == 16
    tab_to("#predicted_final_loss")
    press("1.75", Keys.ENTER)
    dashboard.until(lambda: course.final_submission(student.id) is not None, "the bet")
    assert course.final_submission(student.id)["predicted_final_loss"] == 1.75


def test_rows_are_updated_in_place_and_keep_the_focus(dashboard, laboratory, student):
    dashboard.open(student.key)
    laboratory.held = True
    dashboard.submit()
    dashboard.until(lambda: [row["State"] for row in dashboard.rows()] == ["running 0/16"], "the run to start")
    dashboard.script("document.querySelector('td.action button').focus()")
    laboratory.evaluations.release(16)
    dashboard.until(lambda: dashboard.rows()[0]["State"] == "completed", "the run to complete")
    assert dashboard.browser.switch_to.active_element == dashboard.element("td.action button")


def test_states_are_filtered(dashboard, laboratory, student):
    dashboard.open(student.key)
    dashboard.submit()
    dashboard.until(lambda: [row["State"] for row in dashboard.rows()] == ["completed"], "the first run")
    laboratory.failure = Failure("timeout")
    dashboard.fill(model_seed=1)
    dashboard.submit()
    dashboard.until(
        lambda: [row["State"].split("\n")[0] for row in dashboard.rows()] == ["failed", "completed"], "the second"
    )
    Select(dashboard.element("#filter")).select_by_visible_text("failed")
    assert [row["State"] for row in dashboard.rows()] == ["failed\ntimeout"]
    Select(dashboard.element("#filter")).select_by_visible_text("queued")
    assert dashboard.rows() == []
    assert dashboard.text("#empty") == "No run is in this state."


def test_markup_in_what_is_shown_stays_text(dashboard, laboratory, student):
    laboratory.failure = Failure("unexpected", MARKUP)
    dashboard.open(student.key)
    dashboard.submit()
    dashboard.until(lambda: dashboard.rows() and MARKUP in dashboard.rows()[0]["State"], "the failure's text")
    assert dashboard.elements("#experiments img, #experiments script") == []
    dashboard.element("#copy").click()
    dashboard.field("training_config").clear()
    dashboard.field("training_config").send_keys(json.dumps({MARKUP: 1}))
    dashboard.element("#final-form button.main").click()
    dashboard.until(lambda: MARKUP in dashboard.problem("training_config"), "the problem")
    assert dashboard.elements("#final-form img, #final-form script") == []
    assert dashboard.browser.title == "Training runs"


def test_the_page_runs_no_script_but_its_own(dashboard, student):
    dashboard.open(student.key)
    assert dashboard.complaints() == []
    dashboard.script(
        "document.body.insertAdjacentHTML('beforeend', arguments[0] ?? '<img src=x onerror=\"window.broken=1\">')"
    )
    dashboard.until(lambda: "Content Security Policy" in "".join(dashboard.complaints()), "the policy to act")
    assert dashboard.script("return window.broken ?? null") is None


def test_the_key_is_kept_in_the_tab_alone_and_can_be_forgotten(dashboard, student):
    dashboard.open(student.key)
    assert dashboard.script("return [localStorage.length, document.cookie, location.href]") == [
        0, "", f"{dashboard.url}/dashboard",
    ]  # fmt: skip
    dashboard.browser.refresh()
    dashboard.until(lambda: dashboard.element("#main").is_displayed(), "the page to open by itself")
    dashboard.element("#forget").click()
    assert not dashboard.element("#main").is_displayed()
    assert student.key not in dashboard.script(
        "return JSON.stringify(sessionStorage) + document.documentElement.outerHTML"
    )


def test_a_wrong_key_is_said_to_be_wrong(dashboard):
    dashboard.load()
    dashboard.element("#key").send_keys("12345678", Keys.ENTER)
    dashboard.until(lambda: dashboard.text("#notice") == "Invalid API key.", "the message")
    assert not dashboard.element("#main").is_displayed()
    assert dashboard.browser.switch_to.active_element == dashboard.element("#key")


def test_light_and_dark_are_the_systems_choice(dashboard, student, tmp_path):
    colours = {}
    for scheme in ("light", "dark"):
        dashboard.open(student.key, scheme=scheme)
        colour = dashboard.script("return getComputedStyle(document.documentElement).backgroundColor")
        colours[scheme] = sum(map(int, re.findall(r"\d+", colour)[:3]))
        dashboard.screenshot(tmp_path / f"{scheme}.png")
    assert colours["light"] > 600 > 150 > colours["dark"]


@pytest.mark.parametrize("limits", [PUBLIC, TORCH], ids=["public", "torch"])
def test_the_form_begins_with_a_config_that_the_server_takes(limits):
    config = {}
    for group in groups(limits):
        for field in (*group.fields, *group.rest):
            *parents, name = field.path.split(".")
            place = config
            for parent in parents:
                place = place.setdefault(parent, {})
            read = {"truth": bool, "choice": str, "whole": int}.get(field.kind, float)
            place[name] = read(field.value)
    found = parse(TrainingConfig, config, limits)
    assert found.as_json() == {**config, "optimizer_config": AdamWConfig(**config["optimizer_config"]).model_dump()}


def test_every_value_of_a_config_has_a_field():
    def paths(value, place=()):
        if isinstance(value, dict):
            return {path for name, part in value.items() for path in paths(part, (*place, name))}
        return {".".join(place)}

    shown = {field.path for group in groups(PUBLIC) for field in (*group.fields, *group.rest)}
    example = parse(TrainingConfig, configs.config()).as_json()
    assert example.keys() == TrainingConfig.model_fields.keys()
    assert shown == paths(example) | {"optimizer_config.type"}


def test_the_page_is_the_same_for_the_same_limits_and_names_theirs():
    assert render(PUBLIC) is render(PUBLIC)
    assert 'data-seq-len="64"' in render(replace(PUBLIC, seq_len=64))
    assert "http" not in re.sub(r'http-equiv|"http://www.w3.org/2000/svg"', "", render(PUBLIC))
