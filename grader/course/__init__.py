"""Course policy: who is in the course, what is due when, and what a student's attempts come to in the end.

sheet      a CSV file kept by hand, read strictly
roster     the students, and whose hand-in a name says it is
policy     the rules as frozen data: late days, penalties, extensions, what counts, what is shown
toml       course.toml, read into these
attempts   what was handed in when, and what it scored
lateness   hours after due, late days and penalties of one attempt
grade      the pure function: attempts, policy, student ─▶ grade, with a line for each step

Nothing here runs code or knows how a score came about.
"""

from grader.course.grade import Grade, grade
from grader.course.policy import Policy, Visibility
from grader.course.toml import load

__all__ = ["Grade", "Policy", "Visibility", "grade", "load"]
