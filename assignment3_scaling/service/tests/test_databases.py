"""Both kinds of database keep the same things, and an address that cannot be used is said so."""

import threading

import pytest
from sqlalchemy import text

from assignment3_scaling.service.bets import standing
from assignment3_scaling.service.offline import Offline
from assignment3_scaling.service.service import Service
from assignment3_scaling.service.store import Database
from assignment3_scaling.service.tests.configs import CONFIG, config
from assignment3_scaling.service.tests.scripted import ScriptedBackend, failing
from grader.database import AddressError

POINT = {"d_model": 64, "num_layers": 2, "num_heads": 2, "batch_size": 128, "learning_rate": 1e-3, "train_flops": 1e13}


def test_all_that_a_course_does_is_kept_over_a_restart(address, clock, backend):
    service = Service(address, backend, clock=clock)
    heron, plover = (service.add_student(name, seed=name) for name in ("heron", "plover"))
    service.submit(heron.id, config(), idempotency_key="k")
    service.submit(heron.id, config(model_seed=1))
    service.run_queued()
    backend.ending = failing("numerical", "x\0\ud800", (5.0, None))
    service.submit(heron.id, config(model_seed=2))
    service.run_queued()
    service.submit(plover.id, config(max_runtime_seconds=99.5))
    [lost] = service.workers.claim("w", 1)
    clock.advance(61)
    assert service.workers.reconcile() == [lost.experiment_id]
    service.submit_final(heron.id, {"training_config": config(), "predicted_final_loss": 3.0})
    clock.advance(1)
    service.submit_final(heron.id, {"training_config": config(), "predicted_final_loss": 2.5})
    service.registry.extend("plover", clock())
    Offline(service, lambda point, seed: 4.0).loss(heron.id, POINT)
    before = [service.experiments(one.id) for one in (heron, plover)]
    service.close()

    again = Service(address, backend, clock=clock)
    assert [again.experiments(one.id) for one in (heron, plover)] == before
    assert [one["status"]["status_type"] for one in before[0]] == ["failed", "completed", "completed"]
    assert before[0][0]["status"]["reason"]["failure"] == "x??"
    assert before[1][0]["status"] == {"status_type": "queued", "queued_at": "2026-01-01T00:00:00+00:00"}
    assert again.authenticate(heron.key) == heron.id
    assert again.budget(heron.id)["used_seconds"] == 72.5
    assert again.submit(heron.id, config(), idempotency_key="k")["experiment_id"] == 1
    assert Offline(again, lambda point, seed: 5.0).previous_runs(heron.id) == [{**POINT, "loss": 4.0}]
    assert [one.deadline for one in again.registry.list()] == [None, clock()]
    [bet] = standing(again.database)
    assert (bet.student, bet.predicted_final_loss, bet.training_config) == ("heron", 2.5, CONFIG)
    assert (bet.submitted_at, bet.used_seconds) == ("2026-01-01T00:01:02+00:00", 72.5)
    again.close()


def test_services_that_open_an_empty_database_at_once_make_it_once(address):
    salts, together = [], threading.Barrier(6)

    def opened():
        together.wait(60)
        database = Database(address)
        salts.append(database.salt)
        database.close()

    threads = [threading.Thread(target=opened) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(salts) == 6
    assert len(set(salts)) == 1


def test_what_fails_halfway_leaves_nothing(address):
    database = Database(address)

    def half():
        with database.writing() as session:
            session.execute(text("DELETE FROM scaling_course"))
            raise KeyError

    with pytest.raises(KeyError):
        half()
    database.close()
    again = Database(address)
    assert again.salt == database.salt  # a course without its row would have got a new one
    again.close()


def test_tables_of_another_version_are_refused(address):
    database = Database(address)
    with database.writing() as session:
        session.execute(text("UPDATE scaling_course SET schema = 7"))
    database.close()
    with pytest.raises(AddressError, match=r"its tables are of version \[7\]; expected 1"):
        Database(address)


@pytest.mark.parametrize(("address", "message"), [
    ("mysql://me:secret@host/db", "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"),
    ("scaling.sqlite", "Could not parse SQLAlchemy URL"),
    ("sqlite:////no/such/folder/file", "unable to open database file"),
    ("postgresql://me:secret@/db?host=/no/such/folder", "connection"),
])  # fmt: skip
def test_an_address_that_cannot_be_used_is_said_without_its_password(address, message):
    with pytest.raises(AddressError, match=message) as caught:
        Database(address)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("no database " * 100)
    with pytest.raises(AddressError, match="file is not a database"):
        Service(f"sqlite:///{tmp_path / 'notes.txt'}", ScriptedBackend())
