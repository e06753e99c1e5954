"""What a person may do."""

from enum import StrEnum


class Role(StrEnum):
    """A student sees their own, staff everything; an instructor is staff, too."""

    STUDENT = "student"
    TA = "ta"
    INSTRUCTOR = "instructor"
