"""Exports: what `grader grade --out DIR` wrote, in the forms that learning platforms, CI and people read.

folder        DIR, read back strictly
audience      what a student may see of it
defuse        makes text that a student had a hand in inert in each form; every export below uses it
gradescope    results.json
cells         a CSV file as bytes, of which single cells are changed
canvas        one column of an exported Canvas gradebook, filled
spreadsheet   a plain CSV of a class, and of final grades
junit         JUnit XML with points as properties
feedback      one Markdown or HTML file a student
final         graded folders and times joined to attempts, for `grader.course`
bundle        the zip that Gradescope runs

What our own error keeps undecided is exported as undecided, never as 0.
"""
