"""A campaign as a conversation: the student's policy asks, the test answers, and neither calls the other.

`run_scaling_campaign` runs in a thread of its own with a client whose every method puts a request into a queue and waits.
`campaign_begin` starts it and returns the first event; `campaign_continue` hands in the answer to a request
and returns the next event. An event is one of

    {"event": "request", "name": …, "arguments": {…}}     the policy asks the training API
    {"event": "returned", "value": …, "kind": …}           it has ended; the value is None where it is no plain data
    {"event": "silent"}                                     it neither asked nor ended in time

and an answer is {"value": …}, or {"refusal": name of a class of `service.errors`, "attributes": {…}}. What the policy
raises, these functions raise. The service, its surface and its budget are with the test: here is nothing to be found.
"""

import queue
import threading
from typing import Any

from assignment3_scaling import adapters
from assignment3_scaling.drivers.campaign_client import Ask, CampaignClient, CampaignOver, plain

_conversations: list["_Conversation"] = []
"""The one that is going on. Calls come one by one over the wire, so it has to be kept between them."""


def campaign_begin(total_budget_s: float, patience_s: float) -> dict[str, Any]:
    """Start the policy; its first event. `patience_s` is how long to wait for one, in seconds."""
    while _conversations:
        _conversations.pop().close()
    _conversations.append(_Conversation(total_budget_s))
    return _conversations[0].next_event(patience_s)


def campaign_continue(answer: dict[str, Any], patience_s: float) -> dict[str, Any]:
    """Answer the request that came last; the next event."""
    _conversations[0].reply(answer)
    return _conversations[0].next_event(patience_s)


class _Conversation:
    """A policy in its thread, and what it asks. Requests of threads that it starts wait their turn."""

    def __init__(self, total_budget_s: float) -> None:
        self._events: queue.SimpleQueue[Ask | BaseException | dict[str, Any]] = queue.SimpleQueue()
        self._asked: Ask | None = None
        self._over = False
        self._closing = threading.Lock()
        threading.Thread(target=self._play, args=(total_budget_s,), name="campaign", daemon=True).start()

    def next_event(self, patience_s: float) -> dict[str, Any]:
        """Wait for the policy to ask or to end."""
        try:
            event = self._events.get(timeout=patience_s)
        except queue.Empty:
            self.close()
            return {"event": "silent"}
        if isinstance(event, Ask):
            self._asked = event
            return {"event": "request", "name": event.name, "arguments": event.arguments}
        self.close()
        if isinstance(event, BaseException):
            raise event
        return event

    def reply(self, answer: dict[str, Any]) -> None:
        """Hand the answer to whoever asked."""
        if self._asked is not None:
            self._asked.answer.put(answer)
        self._asked = None

    def close(self) -> None:
        """Answer nothing any more, and let go of all that still wait for an answer."""
        with self._closing:
            self._over = True
        if self._asked is not None:
            self._asked.answer.put(None)
        while not self._events.empty():
            left = self._events.get()
            if isinstance(left, Ask):
                left.answer.put(None)

    def _ask(self, ask: Ask) -> None:
        with self._closing:
            if self._over:
                raise CampaignOver
            self._events.put(ask)

    def _play(self, total_budget_s: float) -> None:
        try:
            value = adapters.run_scaling_campaign(CampaignClient(self._ask), total_budget_s)
        except Exception as error:
            self._events.put(error)
        except BaseException as error:  # SystemExit, say, which would end more than the campaign
            self._events.put(RuntimeError(f"run_scaling_campaign ended by {type(error).__name__}"))
        else:
            self._events.put(_returned(value))


def _returned(value: Any) -> dict[str, Any]:
    kind = type(value).__name__
    try:
        return {"event": "returned", "value": plain(value, "the returned value"), "kind": kind}
    except (TypeError, RecursionError):
        return {"event": "returned", "value": None, "kind": kind}
