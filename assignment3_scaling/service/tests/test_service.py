"""Submitting, budgets, and what a student sees: the operations without a socket."""

import pytest

from assignment3_scaling.service.errors import (
    AlreadyExists,
    Closed,
    Conflict,
    InsufficientBudget,
    InvalidConfig,
    NotFound,
    Unauthorized,
)
from assignment3_scaling.service.keys import hash_key
from assignment3_scaling.service.registry import StudentError
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.settings import Settings
from assignment3_scaling.service.tests.configs import CONFIG, config
from assignment3_scaling.service.tests.scripted import ScriptedBackend, completed, failing

TOTAL = 43_200.0
T0 = "2026-01-01T00:00:00+00:00"


def budget(used):
    return {"used_seconds": used, "remaining_seconds": TOTAL - used, "total_budget_seconds": TOTAL}


def test_a_submit_answers_with_a_number_and_the_budget(service, heron):
    assert service.submit(heron, config()) == {"experiment_id": 1, "budget_summary": budget(60.0)}
    assert service.budget(heron) == budget(60.0)


def test_a_queued_a_completed_and_a_budget_as_the_2026_api_shows_them(service, heron, backend, clock):
    service.submit(heron, config())
    queued = {"experiment_id": 1, "training_config": CONFIG, "status": {"status_type": "queued", "queued_at": T0}}
    assert service.experiment(heron, 1) == queued
    clock.advance(5)
    assert service.run_queued() == 1
    assert backend.seeds == ["7"]
    status = service.experiment(heron, 1)["status"]
    assert status == {
        "status_type": "completed", "queued_at": T0, "dispatched_at": "2026-01-01T00:00:05+00:00",
        "run_id": status["run_id"], "used_runtime_seconds": 30.0, "val_losses": [5.0, 4.9, 4.8, 4.7],
        "completed_at": "2026-01-01T00:00:05+00:00",
    }  # fmt: skip
    assert service.budget(heron) == budget(30.0)


@pytest.mark.parametrize(("ending", "reason"), [
    (failing("timeout", losses=(5.0, 4.5)), {"reason": "timeout", "partial_val_losses": [5.0, 4.5]}),
    (failing("numerical", "no number", (5.0, None)),
     {"reason": "numerical", "partial_val_losses": [5.0, None], "failure": "no number"}),
    (failing("out_of_memory", "needs 200 GB"),
     {"reason": "out_of_memory", "partial_val_losses": [], "failure": "needs 200 GB"}),
    (failing("unexpected", "crashed"), {"reason": "unexpected", "partial_val_losses": [], "failure": "crashed"}),
], ids=["timeout", "numerical", "out_of_memory", "unexpected"])  # fmt: skip
def test_a_failed_run_says_why_and_is_charged_what_it_used(service, heron, backend, ending, reason):
    backend.ending = ending
    service.submit(heron, config())
    service.run_queued()
    status = service.experiment(heron, 1)["status"]
    assert (status["status_type"], status["reason"], status["failed_at"]) == ("failed", reason, T0)
    assert service.budget(heron) == budget(12.5)


@pytest.mark.parametrize(("used", "charged"), [(0.0, 1.0), (0.3, 1.0), (1.5, 1.5), (59.0, 59.0), (128.8, 60.0)])
@pytest.mark.parametrize("ended", ["completed", "failed"])
def test_a_run_is_charged_at_least_a_second_and_at_most_its_longest(service, heron, backend, used, charged, ended):
    backend.ending = (lambda c: completed(c, used)) if ended == "completed" else failing("timeout", used=used)
    service.submit(heron, config())
    service.run_queued()
    assert service.budget(heron) == budget(charged)
    assert service.experiment(heron, 1)["status"]["used_runtime_seconds"] == used


def test_what_a_backend_raises_is_an_unexpected_failure_that_costs_a_second(service, heron, backend, caplog):
    def ending(training_config):
        raise RuntimeError("the disk is full\0")

    backend.ending = ending
    service.submit(heron, config())
    service.run_queued()
    assert service.experiment(heron, 1)["status"]["reason"]["failure"] == "RuntimeError: the disk is full?"
    assert service.budget(heron) == budget(1.0)
    assert "experiment 1: the backend scripted failed" in caplog.text


def test_a_backend_that_forgets_an_evaluation_fails_the_run(service, heron, backend, caplog):
    backend.ending = lambda c: completed(c.model_copy(update={"n_evals": 3}))
    service.submit(heron, config())
    service.run_queued()
    reason = service.experiment(heron, 1)["status"]["reason"]
    assert reason["reason"] == "unexpected"
    assert reason["failure"].endswith("got 3 losses; the config has 4 evaluations")


def test_a_run_that_would_take_more_than_is_left_is_refused(service, heron):
    service.submit(heron, config(max_runtime_seconds=43_000.0))
    with pytest.raises(InsufficientBudget) as caught:
        service.submit(heron, config(model_seed=1, max_runtime_seconds=200.5))
    assert caught.value.body() == {"detail": {"message": "insufficient budget", "budget_summary": budget(43_000.0)}}
    service.submit(heron, config(model_seed=1, max_runtime_seconds=200.0))
    assert service.budget(heron) == budget(43_200.0)


def test_tenths_of_seconds_do_not_stray_over_the_edge_of_the_budget(service, heron):
    # In binary floating point 43200 - (19949.2 + 11784.2) is less than 11466.6.
    for seed, seconds in enumerate((19_949.2, 11_784.2, 11_466.6)):
        service.submit(heron, config(model_seed=seed, max_runtime_seconds=seconds))
    assert service.budget(heron) == budget(43_200.0)
    plover = service.add_student("plover").id
    for seed in range(3):
        service.submit(plover, config(model_seed=seed, max_runtime_seconds=1.1))
    assert service.budget(plover)["used_seconds"] == 3.3


def test_what_a_run_did_not_use_may_be_spent_again(service, heron):
    service.submit(heron, config(max_runtime_seconds=43_200.0))
    service.run_queued()
    service.submit(heron, config(model_seed=1, max_runtime_seconds=43_170.0))


@pytest.mark.parametrize("same", [{}, {"max_runtime_seconds": 61.0}, {"n_evals": 1}, {"val_batch_size": 1}], ids=str)
def test_the_same_experiment_is_refused_with_its_number(service, heron, same):
    service.submit(heron, config())
    for _ in range(2):  # while it waits, and when it has completed
        with pytest.raises(AlreadyExists) as caught:
            service.submit(heron, config(**same))
        message = "experiment already exists for this training config"
        assert caught.value.body() == {"detail": message, "experiment_id": 1}
        service.run_queued()


def test_a_duplicate_is_a_duplicate_even_where_nothing_is_left(service, heron):
    service.submit(heron, config(max_runtime_seconds=43_200.0))
    with pytest.raises(AlreadyExists):
        service.submit(heron, config(max_runtime_seconds=43_200.0))


def test_a_failed_experiment_may_be_submitted_again(service, heron, backend):
    backend.ending = failing("timeout")
    service.submit(heron, config())
    service.run_queued()
    backend.ending = completed
    assert service.submit(heron, config(max_runtime_seconds=100.0))["experiment_id"] == 2
    service.run_queued()
    assert [one["status"]["status_type"] for one in service.experiments(heron)] == ["completed", "failed"]
    with pytest.raises(AlreadyExists):
        service.submit(heron, config())


def test_another_student_may_run_the_same_experiment(service, heron):
    plover = service.add_student("plover").id
    service.submit(heron, config())
    assert service.submit(plover, config())["budget_summary"] == budget(60.0)


def test_another_students_experiment_is_not_found(service, heron):
    plover = service.add_student("plover").id
    service.submit(heron, config())
    for number in (1, 2, 0, -1, 2**31, 2**70):
        with pytest.raises(NotFound, match=r"^not found$"):
            service.experiment(plover, number)
    assert service.experiments(plover) == []


def test_experiments_are_listed_with_the_newest_first(service, heron, clock):
    for seed in range(3):
        service.submit(heron, config(model_seed=seed))
        clock.advance(seed)  # the first two at the same moment
    assert [one["experiment_id"] for one in service.experiments(heron)] == [3, 2, 1]


def test_the_same_idempotency_key_gives_the_same_experiment_and_spends_once(service, heron):
    first = service.submit(heron, config(), idempotency_key="a")
    assert service.submit(heron, config(), idempotency_key="a") == first
    service.run_queued()
    again = service.submit(heron, config(), idempotency_key="a")
    assert again == {"experiment_id": 1, "budget_summary": budget(30.0)}
    with pytest.raises(AlreadyExists):
        service.submit(heron, config(), idempotency_key="b")


def test_an_idempotency_key_belongs_to_one_config_and_one_student(service, heron):
    service.submit(heron, config(), idempotency_key="a")
    with pytest.raises(Conflict, match="this Idempotency-Key was used for another training config"):
        service.submit(heron, config(max_runtime_seconds=61.0), idempotency_key="a")
    plover = service.add_student("plover").id
    assert service.submit(plover, config(), idempotency_key="a")["experiment_id"] == 2


def test_a_refused_submit_uses_up_no_idempotency_key(service, heron):
    service.submit(heron, config(max_runtime_seconds=43_200.0))
    other = config(model_seed=1)
    with pytest.raises(InsufficientBudget):
        service.submit(heron, other, idempotency_key="a")
    service.run_queued()
    assert service.submit(heron, other, idempotency_key="a")["experiment_id"] == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\nb"])
def test_an_idempotency_key_is_short_and_printable(service, heron, key):
    with pytest.raises(InvalidConfig, match="Idempotency-Key must have 1 to 255 printable ASCII characters"):
        service.submit(heron, config(), idempotency_key=key)


def test_a_config_that_breaks_a_rule_is_refused_before_anything_else(service, heron):
    service.submit(heron, config(max_runtime_seconds=43_200.0))
    with pytest.raises(InvalidConfig, match="n_evals"):
        service.submit(heron, config(n_evals=7))


def test_a_bet_is_kept_and_the_latest_one_counts(service, heron, clock):
    assert service.final_submission(heron) is None
    service.submit_final(heron, {"training_config": config(), "predicted_final_loss": 3.0})
    clock.advance(60)
    other = {
        "training_config": config(max_runtime_seconds=172_800.0), "predicted_final_loss": 2.5,
        "prediction_interval": {"low": 2.4, "high": 2.6},
    }  # fmt: skip
    answer = service.submit_final(heron, other)
    assert answer == {**other, "submitted_at": "2026-01-01T00:01:00+00:00"}
    assert service.final_submission(heron) == answer
    assert service.budget(heron) == budget(0.0)


def test_a_bet_whose_run_would_not_end_is_refused(service, heron, backend):
    backend.problem = "the run takes 200000 s; expected at most 172800 s"
    with pytest.raises(InvalidConfig) as caught:
        service.submit_final(heron, {"training_config": config(), "predicted_final_loss": 3.0})
    assert caught.value.problems == [{"loc": ["training_config"], "msg": backend.problem, "type": "infeasible"}]
    assert service.final_submission(heron) is None


def test_bets_close_at_the_deadline_and_later_for_some(clock, backend):
    deadline = clock()
    service = Service.in_memory(backend, settings=Settings(final_deadline=deadline), clock=clock)
    heron, plover = (service.add_student(name).id for name in ("heron", "plover"))
    bet = {"training_config": config(), "predicted_final_loss": 3.0}
    service.submit_final(heron, bet)
    clock.advance(1)
    for student in (heron, plover):
        with pytest.raises(Closed, match=r"^final submissions closed at 2026-01-01T00:00:00\+00:00$"):
            service.submit_final(student, {**bet, "predicted_final_loss": 2.0})
    service.registry.extend("plover", clock())
    service.submit_final(plover, bet)
    service.registry.extend("plover", None)
    with pytest.raises(Closed):
        service.submit_final(plover, bet)
    assert service.final_submission(heron)["predicted_final_loss"] == 3.0


def test_a_student_is_known_by_their_key_alone(service):
    heron, plover = service.add_student("heron"), service.add_student("plover")
    assert (service.authenticate(heron.key), service.authenticate(plover.key)) == (heron.id, plover.id)
    for key, message in [(None, "missing X-API-Key"), ("", "missing X-API-Key"), (heron.key + "x", "invalid API key"),
                         ("heron", "invalid API key"), ("\ud800", "invalid API key")]:  # fmt: skip
        with pytest.raises(Unauthorized, match=message):
            service.authenticate(key)


def test_keys_are_random_and_stored_nowhere(tmp_path):
    file = tmp_path / "course.sqlite"
    service = Service(f"sqlite:///{file}", ScriptedBackend())
    keys = [service.add_student(f"student {number}").key for number in range(3)]
    service.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(set(keys)) == 3
    assert all(len(key) == 32 and key.encode() not in stored for key in keys)
    assert b"student 1" in stored


def test_keys_are_hashed_alike_from_release_to_release():
    # Else nobody would get into a course's database after an update.
    assert hash_key("01234567", "salt") == "938d200cf29635de9ce32fbe1578bf97b68d9d78f59f38800861ac76b3768461"


def test_a_renewed_key_takes_the_place_of_the_old_one(service):
    heron = service.add_student("heron")
    key = service.registry.renew_key("heron")
    assert service.authenticate(key) == heron.id
    with pytest.raises(Unauthorized):
        service.authenticate(heron.key)


@pytest.mark.parametrize(("name", "message"), [
    ("heron", "there is a student heron already"), ("", "'' is no name"), ("x" * 201, "is no name"),
    ("a\0b", "is no name"), (" ", "is no name"),
])  # fmt: skip
def test_a_student_needs_a_name_of_their_own(service, heron, name, message):
    with pytest.raises(StudentError, match=message):
        service.add_student(name)


def test_the_2026_client_gets_keys_and_reasons_that_it_can_read(backend, clock):
    service = Service.in_memory(backend, settings=Settings(public_client=True), clock=clock)
    student = service.add_student("heron")
    assert len(student.key) == 8
    assert student.key.isdigit()
    backend.ending = failing("numerical", "no number", (5.0, None))
    service.submit(student.id, config())
    service.run_queued()
    reason = service.experiment(student.id, 1)["status"]["reason"]
    assert reason == {"reason": "unexpected", "failure": "numerical: no number"}
    backend.ending = failing("timeout", losses=(5.0,))
    service.submit(student.id, config(model_seed=1))
    [job] = service.workers.claim("w", 1)
    for evaluation, loss in enumerate((5.0, None, 5.0)):
        event = {"log_type": "validation_loss", "run_id": job.run_id, "evaluation": evaluation, "val_loss": loss}
        service.workers.event(2, event)
    assert service.experiment(student.id, 2)["status"]["val_losses"] == [5.0]
    service.workers.event(2, {"log_type": "preempted", "run_id": job.run_id})
    service.run_queued()
    reason = service.experiment(student.id, 2)["status"]["reason"]
    assert reason == {"reason": "timeout", "partial_val_losses": [5.0]}


def test_the_2026_client_may_bet_on_a_run_longer_than_it_can_say(backend, clock):
    service = Service.in_memory(backend, settings=Settings(public_client=True), clock=clock)
    asked = []
    backend.infeasible = lambda training_config, seconds: asked.append((training_config.max_runtime_seconds, seconds))
    student = service.add_student("heron").id
    service.submit_final(student, {"training_config": config(), "predicted_final_loss": 3.0})
    assert asked == [(172_800.0, 172_800.0)]
