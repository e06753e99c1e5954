"""A worker whose runs never end: says which run it has begun, and waits to be killed."""

import sys
import threading

from assignment3_scaling.service.limits import PUBLIC
from assignment3_scaling.service.office import RemoteOffice
from assignment3_scaling.service.serving import runner_for


class Endless:
    """A backend that reports one loss."""

    name = "endless"
    limits = PUBLIC

    def train(self, config, *, student, report):
        """Never comes back."""
        report(5.0)
        print(f"training for {student}", flush=True)
        threading.Event().wait()

    def infeasible(self, config, seconds):
        """Nothing is."""


if __name__ == "__main__":
    url, key, lost_after = sys.argv[1:]
    runner_for(Endless(), RemoteOffice(url, key), slots=1, lost_after_seconds=float(lost_after)).start()
    threading.Event().wait()
