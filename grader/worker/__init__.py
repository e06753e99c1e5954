"""The worker: the untrusted side of the adapter call. One a submission, one fresh child a test.

The first process imports what the staff allows (torch and the assignment's `preload`), no student code. It forks a
second one, which imports the drivers and the hand-in; that one forks a child for each test, which answers calls one at
a time over the wire, and ends. Then everything the test left behind is removed: processes and files. So a test costs a
fork, neither an import of torch nor one of the hand-in, and no state of one test decides another. A hand-in whose
import leaves more than memory (a thread, an open file, a process) is imported anew by each test.

Everything here may be taken over by the hand-in, which gains nothing by it: the worker knows inputs only.
Imports `wire`, `guard`, `tripwires`, the drivers and the hand-in, nothing else of the grader.
"""

from grader.worker.libraries import prepare
from grader.worker.loop import main

__all__ = ["main", "prepare"]
