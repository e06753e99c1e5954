"""Reports: one JSON a hand-in, `class.json`, `class.html`, and tables for the terminal.

text       defuses what a student wrote
document   the JSON that others build on
summary    what a class's scores come to
page       class.html
slim       a score cut to what the page shows
files      writes all of these, each in one step; keeps outcomes for scoring again
table      the terminal
"""

from grader.report.files import read_outcomes, write_class, write_handin
from grader.report.slim import slim

__all__ = ["read_outcomes", "slim", "write_class", "write_handin"]
