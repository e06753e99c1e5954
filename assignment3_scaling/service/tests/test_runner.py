"""The runner: it works off what is queued, says that it is alive, and gives back what it cannot finish."""

import threading
import time

import pytest

from assignment3_scaling.service import runner as runners
from assignment3_scaling.service.backend import Outcome, Preempted
from assignment3_scaling.service.errors import Unavailable
from assignment3_scaling.service.runner import Runner, run_one
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.settings import DEFAULTS
from assignment3_scaling.service.store.tables import Experiment
from assignment3_scaling.service.tests.configs import config
from assignment3_scaling.service.tests.scripted import ScriptedBackend, completed

GENEROUS = 60.0


def until(condition):
    """Wait for what must come to pass."""
    deadline = time.monotonic() + GENEROUS
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        threading.Event().wait(0.005)


@pytest.fixture
def scene(tmp_path, clock):
    """A service whose runs wait for `gate`, and a maker of runners over it that are stopped in the end."""
    gate = threading.Event()
    backend = ScriptedBackend(lambda c: gate.wait(GENEROUS) and completed(c))
    service = Service(f"sqlite:///{tmp_path / 'runs.sqlite'}", backend, clock=clock)
    started = []

    def start(**changes):
        options = {"name": "here", "slots": 2, "poll_seconds": 0.02, "heartbeat_seconds": 0.05, **changes}
        runner = Runner(options.pop("backend", backend), options.pop("office", service.workers), **options)
        runner.start()
        started.append(runner)
        return runner

    service.gate, service.start = gate, start
    yield service
    gate.set()
    for runner in started:
        runner.stop()
    service.close()


def states(service, student):
    return [one["status"]["status_type"] for one in reversed(service.experiments(student))]


def test_no_more_runs_at_a_time_than_slots_and_all_in_the_end(scene):
    student = scene.add_student("heron").id
    for seed in range(5):
        scene.submit(student, config(model_seed=seed))
    scene.start()
    until(lambda: states(scene, student) == ["running", "running", "queued", "queued", "queued"])
    scene.gate.set()
    until(lambda: states(scene, student) == ["completed"] * 5)
    assert scene.budget(student)["used_seconds"] == 150.0


def heard_at(service):
    with service.database.reading() as session:
        return session.get(Experiment, 1).heard_at


def test_a_run_that_takes_long_is_not_lost_while_its_runner_lives(scene, clock):
    student = scene.add_student("heron").id
    scene.submit(student, config())
    scene.start()
    until(lambda: states(scene, student) == ["running"])
    run = scene.experiment(student, 1)["status"]["run_id"]
    for _ in range(3):
        clock.advance(DEFAULTS.lost_after_seconds - 1)
        until(lambda: heard_at(scene) == clock())
    assert scene.experiment(student, 1)["status"]["run_id"] == run
    scene.gate.set()
    until(lambda: states(scene, student) == ["completed"])


def test_a_runner_that_is_stopped_gives_its_runs_back_at_once(scene):
    student = scene.add_student("heron").id
    scene.submit(student, config())
    first = scene.start()
    until(lambda: states(scene, student) == ["running"])
    first.stop()
    assert states(scene, student) == ["queued"]
    scene.gate.set()
    scene.start()
    until(lambda: states(scene, student) == ["completed"])


def test_losses_are_seen_before_the_run_has_ended(scene):
    reached = threading.Event()

    class Slow(ScriptedBackend):
        def train(self, config, *, student, report):
            report(5.0)
            report(float("nan"))
            reached.wait(GENEROUS)
            return completed(config)

    student = scene.add_student("heron").id
    scene.submit(student, config())
    scene.start(backend=Slow())
    until(lambda: scene.experiment(student, 1)["status"].get("val_losses") == [5.0, None])
    reached.set()
    until(lambda: states(scene, student) == ["completed"])
    assert scene.experiment(student, 1)["status"]["val_losses"] == [5.0, 4.9, 4.8, 4.7]


def test_a_run_whose_process_was_killed_is_run_again(scene):
    killed = []

    def ending(training_config):
        if not killed:
            killed.append(True)
            raise Preempted
        return completed(training_config)

    student = scene.add_student("heron").id
    scene.submit(student, config())
    scene.start(backend=ScriptedBackend(ending))
    until(lambda: states(scene, student) == ["completed"])
    assert killed


def test_a_run_that_kills_its_process_each_time_has_failed_in_the_end(service, heron, backend):
    def ending(training_config):
        raise Preempted

    backend.ending = ending
    service.submit(heron, config())
    assert service.run_queued() == DEFAULTS.most_attempts
    assert service.experiment(heron, 1)["status"]["reason"]["failure"] == "its worker was lost 3 times"


def test_a_report_is_made_again_where_the_office_does_not_answer(service, heron, backend, monkeypatch):
    monkeypatch.setattr(runners, "INSIST_SECONDS", (0.0, 0.0))

    class Deaf:
        def __init__(self, office, times):
            self.office, self.times = office, times

        def finish(self, number, result):
            self.times -= 1
            if self.times >= 0:
                raise Unavailable("busy")
            self.office.finish(number, result)

    for seed, times in enumerate((2, 3)):
        service.submit(heron, config(model_seed=seed))
        [job] = service.workers.claim("w", 1)
        if times == 2:
            run_one(backend, job, Deaf(service.workers, times))
            assert states(service, heron) == ["completed"]
        else:
            with pytest.raises(Unavailable):
                run_one(backend, job, Deaf(service.workers, times))
            assert states(service, heron) == ["completed", "running"]


def test_the_runner_goes_on_after_errors(scene, caplog):
    class Flaky:
        """An office that fails twice in two ways."""

        def __init__(self, office):
            self.office, self.failures = office, [Unavailable("busy"), ValueError("what?")]

        def __getattr__(self, name):
            return getattr(self.office, name)

        def claim(self, worker, at_most):
            if self.failures:
                raise self.failures.pop()
            return self.office.claim(worker, at_most)

    student = scene.add_student("heron").id
    scene.submit(student, config())
    scene.gate.set()
    scene.start(office=Flaky(scene.workers))
    until(lambda: states(scene, student) == ["completed"])
    assert "no runs are given out: busy" in caplog.text
    assert "the runner met an error, and goes on" in caplog.text


@pytest.mark.parametrize("outcome", [
    lambda: Outcome(float("nan"), ()), lambda: Outcome(1.0, (float("inf"),)), lambda: Outcome(1.0, (5.0, None)),
    lambda: Outcome(-1.0, ()),
])  # fmt: skip
def test_an_outcome_that_cannot_be_is_refused(outcome):
    with pytest.raises(ValueError, match=r"finite numbers|'numerical'"):
        outcome()
