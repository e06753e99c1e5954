"""Grading on a real Ray cluster of several nodes on this machine, one of which is killed."""

import os
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from grader import cluster, grading
from grader.batch import Batch
from grader.cluster import Cluster
from grader.errors import ConfigError
from grader.gradebook import Gradebook
from grader.outcome import Verdict
from grader.task import Task

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def nodes():
    """A head that grades nothing, and two nodes of one processor each; addressed as any other cluster would be."""
    import warnings

    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "1"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster as Nodes

        made = Nodes(initialize_head=True, head_node_args={"num_cpus": 0})
        workers = [made.add_node(num_cpus=1) for _ in range(2)]
        yield made, workers
        made.shutdown()


def test_hand_ins_are_graded_as_here_and_a_killed_node_costs_a_retry(nodes, tiny, handin, tmp_path):
    made, workers = nodes
    slow = "import time\n_double = double\ndef double(x):\n    time.sleep(0.3)\n    return _double(x)\n"
    paths = {"heron": handin(), "crane": handin(append="def double(x): return x\n")}
    paths |= {f"slow{number}": handin(append=f"# {number}\n{slow}") for number in range(8)}
    paths["zipped"] = Path(shutil.make_archive(str(tmp_path / "zipped"), "zip", handin(append="# zipped\n")))
    (paths["crane"] / "__pycache__").mkdir()
    (paths["crane"] / "__pycache__" / "x.pyc").write_bytes(b"left out")
    linked = handin()
    (linked / "link.py").symlink_to("/etc/passwd")
    paths["linked"] = linked
    tasks = [Task(tiny.root, tiny.name, path, name, 7, "forkserver") for name, path in paths.items()]
    with closing(Cluster(made.address)) as ray, closing(Gradebook.in_folder(tmp_path / "out")) as book:
        graded = {}
        killed = False
        for each in Batch(tiny, book, 2, run=ray.grade_all).grade(tasks):
            assert each.task.name not in graded
            graded[each.task.name] = each.score
            if len(graded) == 3 and not killed:
                killed = True
                threading.Thread(target=made.remove_node, args=(workers[0],), kwargs={"allow_graceful": False}).start()
        entries = {entry.name: entry.score for entry in book.entries(tiny.name)}
    assert killed
    assert {name: score.score for name, score in graded.items()} == {
        "heron": 5, "crane": 3, "zipped": 5, "linked": 0, **{f"slow{number}": 5 for number in range(8)},
    }  # fmt: skip
    assert graded["linked"].refused
    assert entries == {name: score.score for name, score in graded.items() if name != "linked"}
    for name in ("heron", "crane", "zipped"):
        here = grading.grade(Task(tiny.root, tiny.name, paths[name], name, 7, "forkserver"))
        there = graded[name].outcome
        assert there.submission_sha256 == here.submission_sha256
        assert there.warnings == here.warnings
        assert [(t.name, t.verdict, t.message) for t in there.tests] == [
            (t.name, t.verdict, t.message) for t in here.tests
        ]


def test_a_judge_that_is_lost_twice_is_our_error(nodes, tiny, handin):
    made, _ = nodes
    with (tiny.folder / "tests" / "test_count.py").open("a") as file:
        file.write(
            "\nimport os, torch\ndef test_trap(adapters):\n"
            "    if adapters.run_double(torch.zeros(1)).item() == 99: os.kill(os.getpid(), 9)\n"
        )
    paths = {"bad": handin(append="def double(x): return x + 99\n"), "heron": handin()}
    tasks = [Task(tiny.root, tiny.name, path, name, 7, "forkserver") for name, path in paths.items()]
    with closing(Cluster(made.address)) as ray:
        outcomes = {task.name: outcome for task, outcome in ray.grade_all(tasks, 1)}
    assert {test.verdict for test in outcomes["bad"].tests} == {Verdict.GRADER_ERROR}
    assert "lost 2 times" in outcomes["bad"].tests[0].message
    assert {test.verdict for test in outcomes["heron"].tests} == {Verdict.PASS}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:1", "nothing answers there"),
        ("ray://127.0.0.1:1", "nothing answers there"),
        ("nowhere", "expected ray://"),
    ],
)
def test_a_wrong_address_is_one_clear_line(address, said):
    with pytest.raises(ConfigError) as error:
        Cluster(address)
    assert str(error.value).startswith(f"--cluster {address}: {said}")
    assert "\n" not in str(error.value)


def test_the_course_travels_whole_and_is_unpacked_once(tiny):
    first, second = cluster.packed(tiny.root), cluster.packed(tiny.root)
    assert first == second
    root = cluster.unpacked(first)
    assert cluster.unpacked(second) == root
    assert (root / tiny.name / "assignment.toml").read_bytes() == tiny.toml.read_bytes()
    assert (root / "staff" / "hidden_tests" / tiny.name).is_dir()
    shutil.rmtree(root)
