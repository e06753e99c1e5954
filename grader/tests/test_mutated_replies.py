"""Whatever a worker sends instead of its replies, the judge goes on, and nothing is worth more than honest replies."""

import os
import random
import socket
import threading
import tomllib
from io import FileIO

import pytest
import torch

from grader import assignment as assignments
from grader import grading, sandbox, scoring, wire
from grader import task as tasks
from grader.outcome import Verdict
from grader.sandbox import Box
from grader.task import Task

THEIRS = {verdict for verdict in Verdict if verdict is not Verdict.GRADER_ERROR}
DOUBLE_SCORE, ALL = 2.0, 5.0


class Thread:
    """The life of a box that is a thread."""

    pid = 2**22 + 1  # beyond what Linux gives out: a process without memory

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel

    def ended(self) -> str | None:
        return None

    def kill(self) -> None:
        self.channel.shutdown(socket.SHUT_RDWR)


class Mutating:
    """An engine whose worker answers honestly and well, or wrongly, and then garbles what it sends."""

    name, isolating = "mutating", True

    def __init__(self, seed: int, right: bool, share: float) -> None:
        self.chance = random.Random(seed)
        self.right = right
        self.share = share
        self.sent: list[bytes] = []

    def missing(self) -> None:
        return None

    def inside(self, path, target):
        return str(path)

    def start(self, job) -> Box:
        ours, theirs = socket.socketpair()
        reader, writer = os.pipe()
        os.close(writer)
        threading.Thread(target=self.work, args=(theirs,), daemon=True).start()
        return Box(Thread(ours), ours, FileIO(reader, "rb"))

    def work(self, channel: socket.socket) -> None:
        with channel:
            try:
                channel.sendall(wire.encode({"ready": True, "versions": {}}))
                while (request := self.receive(channel)) is not None:
                    for frame in self.garbled(wire.encode(self.reply(request))):
                        channel.sendall(frame)
            except OSError:
                return  # the judge has had enough

    def receive(self, channel: socket.socket):
        prefix = channel.recv(wire.PREFIX.size, socket.MSG_WAITALL)
        if len(prefix) < wire.PREFIX.size:
            return None
        header, blob = wire.lengths(prefix)
        content = channel.recv(header + blob, socket.MSG_WAITALL) if header + blob else b""
        if len(content) < header + blob:
            return None  # the judge has had enough amid a frame
        return wire.decode(content[:header], content[header:])

    def reply(self, request):
        if request["op"] == "test":
            return {"id": -1, "value": None, "events": []}
        if request["op"] == "end":
            return {"ended": "exit code 0", "clean": True, "strays": 0}
        (argument, *_), name = request["args"], request["name"]
        values = {
            "run_double": lambda: argument * 2 if self.right else argument + 2,
            "count_to": lambda: list(range(1, argument + 1)) if self.right else [0],
            "run_read": lambda: "heron\n" if isinstance(argument, wire.Fixture) else argument.content.decode(),
        }
        return {"id": request["id"], "value": values[name](), "events": []}

    def garbled(self, frame: bytes):
        self.sent.append(frame)
        if self.chance.random() >= self.share:
            return [frame]
        return self.chance.choice(GARBLINGS)(self.chance, frame, self.sent)


def flipped(chance, frame, sent):
    data = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return [bytes(data)]


def verdicts(chance, frame, sent):
    said = chance.choice(
        [{"verdict": "PASS", "score": 100}, {"id": chance.randint(-2, 9), "value": True, "passed": True},
         {"ended": "exit code 0", "clean": True}, {"ready": True}, {"op": "end"}, [], None, 1.0,
         {"id": -1, "error": "x" * 10**5}, {"id": chance.randint(1, 9), "error": {"kind": ["PASS"], "message": {1: 2}}},
         {"id": chance.randint(1, 9), "value": torch.zeros(3, 4), "events": [[1], ["a", "b", 2**70], "x"]}]
    )  # fmt: skip
    return [wire.encode(said), frame] if chance.random() < 0.5 else [wire.encode(said)]


def noted(chance, frame, sent):
    note = chance.choice(
        [["files", "x", "y", 1], ["other", "x", "y", 1], [], None, "files", ["files", "x", "y", 2**70]]
    )
    return [wire.encode({"noticed": note})] * chance.choice((1, 3, 300)) + [frame]


GARBLINGS = (
    flipped, verdicts, noted,
    lambda chance, frame, sent: [chance.randbytes(chance.randint(1, 400))],
    lambda chance, frame, sent: [frame[: chance.randrange(len(frame))]],
    lambda chance, frame, sent: [frame, frame],
    lambda chance, frame, sent: [chance.choice(sent)],
    lambda chance, frame, sent: [],
    lambda chance, frame, sent: [wire.PREFIX.pack(chance.getrandbits(32), chance.getrandbits(32)), frame],
    lambda chance, frame, sent: [frame[:8] + b"\xdd\xff\xff\xff\xff" * 40 + frame[8:]],
)  # fmt: skip


@pytest.fixture
def graded(tiny, tmp_path, monkeypatch):
    """Grades against a worker that garbles a share of its replies; deadlines are short."""
    path = tiny.folder / "assignment.toml"
    path.write_text(path.read_text().replace("call_seconds = 3", "call_seconds = 0.2"))
    assert tomllib.loads(path.read_text())["limits"]["call_seconds"] == 0.2
    tasks._assignment.cache_clear()
    course = assignments.load(tiny.root, tiny.name)

    def run(seed: int, right: bool, share: float):
        monkeypatch.setitem(sandbox.ENGINES, "mutating", Mutating(seed, right, share))
        outcome = grading.grade(Task(tiny.root, tiny.name, tiny.solution, f"seed{seed}", 1, "mutating"))
        return outcome, scoring.score(outcome, course)

    yield run
    tasks._assignment.cache_clear()


@pytest.mark.parametrize(("right", "score"), [(True, ALL), (False, 0.0)])
def test_an_honest_worker_gets_what_it_is_worth(graded, right, score):
    outcome, scored = graded(0, right, 0.0)
    assert scored.score == score, outcome.tests
    assert {test.verdict for test in outcome.tests} <= {Verdict.PASS, Verdict.FAIL}


@pytest.mark.parametrize("seed", range(40))
def test_garbled_replies_are_verdicts_of_theirs_and_gain_nothing(graded, seed):
    honest = 0.0 if seed % 2 else ALL
    outcome, score = graded(seed, honest == ALL, (0.1, 0.4, 1.0)[seed % 3])
    assert len(outcome.tests) == 6
    assert {test.verdict for test in outcome.tests} <= THEIRS, [t for t in outcome.tests if t.verdict not in THEIRS]
    assert score.score <= honest
    assert not score.provisional
