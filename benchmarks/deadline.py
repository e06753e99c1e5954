"""What each student does at a deadline, for locust: `benchmarks.server` runs it.

Log in, hand in, hand in the same again as after a lost answer, and look at a few pages. So many requests each and no more.
"""

import io
import json
import os
import zipfile
from pathlib import Path

from locust import HttpUser, events, task
from locust.env import Environment
from locust.exception import StopUser

PAGES = ("/", "/own", "/own", "/leaderboards/assignment0_tiny/counting", "/own")
TOKENS = json.loads(Path(os.environ["DEADLINE_TOKENS"]).read_text(encoding="utf-8"))
OUT = Path(os.environ["DEADLINE_OUT"])
STUDENTS = len(TOKENS)
acknowledged: list[dict[str, object]] = []
finished: list[str] = []


class Student(HttpUser):
    """One of the class."""

    def on_start(self) -> None:
        """Take a name and a token that nobody else has."""
        self.name, self.token = TOKENS.pop()

    @task
    def deadline(self) -> None:
        """All of it, once."""
        self.client.post("/log-in", {"token": self.token}, name="log in")
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("adapters.py", f"# {self.name}\n" + "x = 1\n" * 5000)
        for name in ("hand in", "hand in again"):
            answer = self.client.post(
                "/api/hand-ins", {"assignment": "assignment0_tiny"}, name=name,
                files={"file": ("work.zip", content.getvalue())}, headers={"Authorization": f"Bearer {self.token}"},
            )  # fmt: skip
            if answer.ok:
                acknowledged.append({"name": self.name, "id": answer.json()["id"], "status": answer.status_code})
        for page in PAGES:
            self.client.get(page, name="page")
        finished.append(self.name)
        if len(finished) == STUDENTS and self.environment.runner is not None:
            self.environment.runner.quit()
        raise StopUser


@events.quitting.add_listener
def keep(environment: Environment, **_: object) -> None:
    """Write what was acknowledged, and how long everything took."""
    stats = {
        entry.name: {
            "requests": entry.num_requests, "failures": entry.num_failures, "median": entry.median_response_time,
            "p95": entry.get_response_time_percentile(0.95), "longest": entry.max_response_time,
        }
        for entry in environment.stats.entries.values()
    }  # fmt: skip
    errors = [f"{error.name}: {error.error} ({error.occurrences} times)" for error in environment.stats.errors.values()]
    OUT.write_text(json.dumps({"acknowledged": acknowledged, "stats": stats, "errors": errors}), encoding="utf-8")
