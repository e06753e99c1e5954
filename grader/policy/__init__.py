"""The from-scratch policy: what may not be used, whether the source uses it, and which problem that costs.

`Policy` is the `[policy]` table of an assignment. `scan_in_process` checks a hand-in's source within limits (`scan`
does so in the calling process) and gives a `ScanResult`: findings, and the owner of each line, by which what the
run-time guard saw is charged, too. The guard itself is `grader.guard` and lives in the worker.
"""

from grader.policy.process import scan_in_process
from grader.policy.result import ScanResult
from grader.policy.rules import Policy
from grader.policy.scan import scan

__all__ = ["Policy", "ScanResult", "scan", "scan_in_process"]
