"""Plays campaigns: asks the student's policy for its next request, answers it from a service in this process, and
measures the bet that the service holds at the end.

The surface never leaves this process; the policy learns what a run costs and what it measured, and nothing of the
score. All that is believed of the policy's side is that it asked: budget, runs and the bet are the service's own. So a policy
that speaks the protocol itself can do what an honest one can, and no more.

One campaign a surface decides every problem that looks at it, so each is played once a submission.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from assignment3_scaling.service import errors
from assignment3_scaling.service.rehearsal import Course
from assignment3_scaling.service.simulated.plan import LIMITS
from assignment3_scaling.service.simulated.score import Result
from assignment3_scaling.service.simulated.surface import Surface, draw
from grader.contract import describe
from grader.errors import SubmissionError
from grader.testing.check import Wrong
from grader.testing.draw import Draw
from grader.testing.proxy import Functions
from grader.testing.setting import Setting

MOST_REQUESTS = 3000
MOST_SECONDS = 60.0
"""The policy's own computing in a campaign, by this process's clock."""
PATIENCE_SECONDS = 20.0
"""… and between two requests."""
POLICY = "run_scaling_campaign"

_played: WeakKeyDictionary[object, dict[str, Result | SubmissionError | Wrong]] = WeakKeyDictionary()
"""What campaigns came to, by the way to a submission and by surface; an exception where one did not end well."""


def answered(course: Course, name: object, arguments: object) -> dict[str, Any]:
    """What the service says to a request, as `drivers.campaign` takes it.

    Raises:
        Wrong: it is no request that the client makes.
    """
    expected = REQUESTS.get(name) if isinstance(name, str) else None
    if expected is None or not isinstance(arguments, dict) or arguments.keys() != expected.keys():
        raise Wrong(f"{POLICY} sent a request that no method of its client makes")
    for key, fits in expected.items():
        if not fits(arguments[key]):
            raise Wrong(f"{POLICY} called client.{name} with {key} of a wrong kind: {describe(arguments[key])}")
    try:
        return {"value": getattr(course.client, str(name))(**arguments)}
    except errors.ServiceError as error:
        return {"refusal": type(error).__name__, "attributes": vars(error)}


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _is_interval(value: object) -> bool:
    return value is None or (isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value)))


def _is_id(value: object) -> bool:
    return type(value) is int and abs(value) < 2**63


REQUESTS: Mapping[str, Mapping[str, Callable[[object], bool]]] = {
    "submit": {"training_config": lambda value: True},
    "budget": {},
    "experiments": {},
    "experiment": {"experiment_id": _is_id},
    "wait": {"experiment_id": _is_id},
    "submit_final": {
        "training_config": lambda value: True,
        "predicted_final_loss": _is_number,
        "prediction_interval": _is_interval,
    },
    "final_submission": {},
}
"""The client's methods and what each takes; what a config may hold is for the service to say."""


def play(drivers: Functions, surface: Surface, budget: float = LIMITS.total_budget_seconds) -> Result:
    """One campaign from its start to its bet.

    Raises:
        Wrong: it was not played to an end, or not within its limits; the message is for the student.
    """
    __tracebackhide__ = True
    course = Course(surface, budget)
    try:
        return _conversation(drivers, course)
    finally:
        course.service.close()


def _conversation(drivers: Functions, course: Course) -> Result:
    __tracebackhide__ = True
    started = time.monotonic()
    thinking = 0.0
    event = drivers.campaign_begin(float(course.limits.total_budget_seconds), PATIENCE_SECONDS)
    for _ in range(MOST_REQUESTS):
        thinking += time.monotonic() - started
        if thinking > MOST_SECONDS:
            raise Wrong(
                f"{POLICY} computed for {thinking:.0f} s in one campaign; expected at most {MOST_SECONDS:.0f} s"
            )
        if event["event"] == "silent":
            raise Wrong(f"{POLICY} neither asked its client nor returned for {PATIENCE_SECONDS:.0f} s")
        if event["event"] == "returned":
            return _result(course, event["value"], event["kind"])
        answer = answered(course, event["name"], event["arguments"])
        started = time.monotonic()
        event = drivers.campaign_continue(answer, PATIENCE_SECONDS)
    raise Wrong(f"{POLICY} made {MOST_REQUESTS} requests in one campaign; expected fewer")


def _result(course: Course, value: object, kind: object) -> Result:
    """What the campaign came to; the value that the policy returned must be the bet that the service holds."""
    bet, result = course.client.final_submission(), course.result()
    if bet is None or result is None:
        raise Wrong(f"{POLICY} returned and had made no bet; expected it to call client.submit_final before")
    if not isinstance(value, dict) or not {"training_config", "predicted_final_loss"} <= value.keys():
        raise Wrong(f"{POLICY} returned {str(kind)[:60]}; expected the dict that client.submit_final returned last")
    if any(value[key] != bet[key] for key in ("training_config", "predicted_final_loss")):
        raise Wrong(f"{POLICY} returned another bet than the last it made; expected what client.submit_final returned")
    return result


def results(setting: Setting, drivers: Functions, names: Sequence[str], secret: str = "") -> list[Result]:
    """The results on the surfaces of these names in this run.

    Raises what the first campaign that was not played to its end had raised.
    """
    __tracebackhide__ = True
    return [_once(setting, drivers, surface_named(setting, name, secret)) for name in names]


def surface_named(setting: Setting, name: str, secret: str = "") -> Surface:
    """The surface of a name in this run. Whoever does not know the secret cannot draw it."""
    source = Draw(setting.seed, setting.assignment.name, "campaign", name, secret)
    return draw("-".join(str(source.integer(0, 2**62)) for _ in range(2)))


def _once(setting: Setting, drivers: Functions, surface: Surface) -> Result:
    """The result on a surface, from an earlier test where one has played it."""
    __tracebackhide__ = True
    known = _played.setdefault(setting.transport, {})
    if surface.salt not in known:
        try:
            known[surface.salt] = play(drivers, surface)
        except (SubmissionError, Wrong) as error:
            known[surface.salt] = error
    found = known[surface.salt]
    if isinstance(found, Exception):
        raise found
    return found
