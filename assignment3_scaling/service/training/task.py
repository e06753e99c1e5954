"""What a process that trains is told and what it tells, as lines of JSON.

In comes a `Task` a line. Out come, a line each: `{"event": "alive"}` while it works, `{"event": "loss", "loss": …}` at each
evaluation, null for one that is no number, and in the end `{"event": "ended"}` or
`{"event": "failed", "reason": "out_of_memory" or "unexpected", "text": …}`.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any, Self

from assignment3_scaling.service.limits import Limits
from assignment3_scaling.service.schemas import TrainingConfig, parse

Event = dict[str, Any]
ALIVE_SECONDS = 1.0
AUTO = "auto"
"""The device for those who do not care: a GPU where there is one, else the CPU."""


@dataclass(frozen=True)
class Task:
    """A run, or the first `evaluations` of its evaluations."""

    config: TrainingConfig
    student: int | str
    limits: Limits
    evaluations: int
    device: str

    def line(self) -> str:
        """The task on one line."""
        return json.dumps(asdict(self) | {"config": self.config.as_json()})

    @classmethod
    def read(cls, line: str) -> Self:
        """The task of a line."""
        values = json.loads(line)
        limits = Limits(**values["limits"])
        config = parse(TrainingConfig, values["config"], limits, final=True)
        return cls(config, values["student"], limits, values["evaluations"], values["device"])
