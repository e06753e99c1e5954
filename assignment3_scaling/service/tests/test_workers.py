"""Workers: runs are given out once, reports about older runs are refused, and lost runs are taken back."""

import pytest

from assignment3_scaling.service.errors import Conflict, InvalidConfig, NotFound
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.settings import Settings
from assignment3_scaling.service.store.tables import Event
from assignment3_scaling.service.tests.configs import CONFIG, config

LOSSES = [5.0, 4.5, 4.0, 3.5]


@pytest.fixture
def job(service, heron):
    """A run that a worker has."""
    service.submit(heron, config())
    [job] = service.workers.claim("worker", 5)
    return job


def status(service, student, number=1):
    return service.experiment(student, number)["status"]


def loss(job, evaluation, value):
    return {"log_type": "validation_loss", "run_id": job.run_id, "evaluation": evaluation, "val_loss": value}


def completed(job, losses=LOSSES, **changes):
    return {
        "result_type": "completed", "run_id": job.run_id, "used_runtime_seconds": 30.0, "val_losses": list(losses), **changes,
    }  # fmt: skip


def test_a_claimed_run_is_running_and_is_not_given_out_again(service, heron, job, clock):
    assert (job.experiment_id, job.seed, job.training_config) == (1, "7", CONFIG)
    at = clock().isoformat()
    assert status(service, heron) == {
        "status_type": "running", "queued_at": at, "dispatched_at": at, "run_id": job.run_id, "val_losses": [],
    }  # fmt: skip
    assert service.workers.claim("other", 5) == []


def test_no_more_run_at_a_time_than_may(backend, clock):
    service = Service.in_memory(backend, settings=Settings(max_concurrent_workers=3), clock=clock)
    student = service.add_student("heron").id
    for seed in range(5):
        service.submit(student, config(model_seed=seed))
    first = [*service.workers.claim("a", 2), *service.workers.claim("b", 9)]
    assert [job.experiment_id for job in first] == [1, 2, 3]
    assert service.workers.claim("c", 9) == []
    service.workers.finish(2, completed(first[1]))
    assert [job.experiment_id for job in service.workers.claim("c", 9)] == [4]


def test_losses_are_seen_while_the_run_goes_on(service, heron, job):
    service.workers.event(1, {"log_type": "run_started", "run_id": job.run_id})
    service.workers.event(1, loss(job, 0, 5.0))
    service.workers.event(1, loss(job, 1, None))
    assert status(service, heron)["val_losses"] == [5.0, None]


def test_a_loss_that_is_said_twice_counts_once(service, heron, job):
    for evaluation in (0, 0, 1, 0):
        service.workers.event(1, loss(job, evaluation, 5.0 - evaluation))
    assert status(service, heron)["val_losses"] == [5.0, 4.0]


@pytest.mark.parametrize("evaluation", [1, 4, 2**40])
def test_a_loss_that_leaves_one_out_is_refused(service, heron, job, evaluation):
    with pytest.raises(InvalidConfig, match="evaluation 0 of 4 comes next"):
        service.workers.event(1, loss(job, evaluation, 5.0))
    assert status(service, heron)["val_losses"] == []


def test_there_are_no_more_losses_than_evaluations(service, job):
    for evaluation in range(4):
        service.workers.event(1, loss(job, evaluation, 5.0))
    with pytest.raises(InvalidConfig, match="evaluation 4 of 4 comes next"):
        service.workers.event(1, loss(job, 4, 5.0))


def test_a_finished_run_stays_as_it_was_when_the_report_comes_again(service, heron, job):
    service.workers.finish(1, completed(job))
    before = status(service, heron)
    service.workers.finish(1, completed(job, [1.0] * 4))
    assert status(service, heron) == before
    assert before["val_losses"] == LOSSES


@pytest.mark.parametrize("count", [0, 3, 5])
def test_a_completed_run_has_a_loss_for_each_evaluation(service, heron, job, count):
    with pytest.raises(InvalidConfig, match=f"got {count} losses; the config has 4 evaluations"):
        service.workers.finish(1, completed(job, [4.0] * count))
    assert status(service, heron)["status_type"] == "running"


def failed(job, **reason):
    return {"result_type": "failed", "run_id": job.run_id, "used_runtime_seconds": 9.0, "reason": reason}


@pytest.mark.parametrize("reason", ["timeout", "numerical"])
def test_a_failed_run_has_at_most_a_loss_for_each_evaluation(service, heron, job, reason):
    with pytest.raises(InvalidConfig, match="got 5 losses; the config has 4 evaluations"):
        service.workers.finish(1, failed(job, reason=reason, partial_val_losses=[4.0] * 5))
    service.workers.finish(1, failed(job, reason=reason, partial_val_losses=[4.0] * 4))
    assert status(service, heron)["reason"]["partial_val_losses"] == [4.0] * 4


def test_a_report_about_another_run_is_refused(service, heron, job):
    for report in (
        lambda: service.workers.finish(1, completed(job, run_id="other")),
        lambda: service.workers.event(1, {"log_type": "run_heartbeat", "run_id": "other"}),
        lambda: service.workers.event(1, {"log_type": "preempted", "run_id": "other"}),
        lambda: service.workers.event(1, {**loss(job, 0, 5.0), "run_id": "other"}),
    ):
        with pytest.raises(Conflict, match="this run is not going on"):
            report()
    assert (status(service, heron)["status_type"], status(service, heron)["val_losses"]) == ("running", [])


def test_a_report_about_no_experiment_is_not_found(service, job):
    for number in (0, 2, -1, 2**31, 2**80):
        with pytest.raises(NotFound):
            service.workers.finish(number, completed(job))
        with pytest.raises(NotFound):
            service.workers.event(number, {"log_type": "run_heartbeat", "run_id": job.run_id})


@pytest.mark.parametrize("body", [
    None, [], {}, {"log_type": "run_heartbeat"}, {"log_type": "nap", "run_id": "x"}, {"log_type": "run_started", "run_id": ""},
    {"log_type": "validation_loss", "run_id": "x", "evaluation": -1, "val_loss": 1.0},
    {"log_type": "validation_loss", "run_id": "x", "evaluation": 0, "val_loss": float("nan")},
    {"log_type": "validation_loss", "run_id": "x", "evaluation": 0},
], ids=str)  # fmt: skip
def test_an_event_that_is_none_is_refused(service, job, body):
    with pytest.raises(InvalidConfig):
        service.workers.event(1, body)


@pytest.mark.parametrize("changes", [
    {"used_runtime_seconds": float("inf")}, {"used_runtime_seconds": -1.0}, {"val_losses": [1.0, 2.0, None, 3.0]},
    {"val_losses": [1.0, 2.0, float("nan"), 3.0]}, {"result_type": "perhaps"}, {"mood": "good"},
], ids=str)  # fmt: skip
def test_a_result_that_is_none_is_refused(service, heron, job, changes):
    with pytest.raises(InvalidConfig):
        service.workers.finish(1, completed(job, **changes))
    assert status(service, heron)["status_type"] == "running"


def test_a_preempted_run_waits_again_at_its_old_place(service, heron, job, clock):
    service.workers.event(1, loss(job, 0, 5.0))
    clock.advance(5)
    service.submit(heron, config(model_seed=1))
    service.workers.event(1, {"log_type": "preempted", "run_id": job.run_id})
    assert status(service, heron) == {"status_type": "queued", "queued_at": "2026-01-01T00:00:00+00:00"}
    assert service.budget(heron)["used_seconds"] == 120.0
    again = service.workers.claim("other", 1)[0]
    assert (again.experiment_id, status(service, heron)["val_losses"]) == (1, [])
    with pytest.raises(Conflict):
        service.workers.finish(1, completed(job))
    service.workers.finish(1, completed(again))
    assert status(service, heron)["val_losses"] == LOSSES


def test_a_run_may_be_preempted_any_number_of_times(service, heron, job):
    for _ in range(10):
        service.workers.event(1, {"log_type": "preempted", "run_id": job.run_id})
        [job] = service.workers.claim("worker", 1)
    assert status(service, heron)["status_type"] == "running"


def test_a_run_is_taken_back_when_its_worker_was_silent_too_long(service, heron, job, clock):
    clock.advance(60)
    assert service.workers.reconcile() == []
    service.workers.event(1, {"log_type": "run_heartbeat", "run_id": job.run_id})
    clock.advance(60)
    assert service.workers.reconcile() == []
    clock.advance(1)
    assert service.workers.reconcile() == [1]
    assert status(service, heron)["status_type"] == "queued"
    assert service.workers.reconcile() == []
    with pytest.raises(Conflict):  # it was only slow
        service.workers.event(1, {"log_type": "run_heartbeat", "run_id": job.run_id})


def test_a_run_that_loses_its_worker_again_and_again_has_failed_and_costs_a_second(service, heron, job, clock):
    for _ in range(3):
        assert status(service, heron)["status_type"] == "running"
        clock.advance(61)
        service.workers.reconcile()
        service.workers.claim("worker", 1)
    assert status(service, heron)["reason"]["failure"] == "its worker was lost 3 times"
    assert service.budget(heron)["used_seconds"] == 1.0


def test_everything_but_heartbeats_is_in_the_log(service, heron, job, clock):
    service.workers.event(1, {"log_type": "run_started", "run_id": job.run_id})
    service.workers.event(1, {"log_type": "run_heartbeat", "run_id": job.run_id})
    service.workers.event(1, loss(job, 0, 5.0))
    with pytest.raises(Conflict):
        service.workers.event(1, {**loss(job, 1, 5.0), "run_id": "other"})
    service.workers.finish(1, completed(job))
    with service.database.reading() as session:
        kinds = [(row.event["log_type"], row.event.get("run_id")) for row in session.query(Event).order_by(Event.id)]
    own = job.run_id
    assert kinds == [
        ("queued", None), ("dispatched", own), ("run_started", own), ("validation_loss", own),
        ("validation_loss", "other"), ("finished", own),
    ]  # fmt: skip
