"""The student's tree: what of the course students are given, made anew, and searched for what they must not see.

tree    which files go in, and the few that are written for students
leaks   looks into every file of the result for answers, hidden tests and secrets
"""

from grader.release.leaks import Leak, scan
from grader.release.tree import given, release

__all__ = ["Leak", "given", "release", "scan"]
