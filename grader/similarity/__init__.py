"""Which hand-ins of a batch are so alike that a person should look at them.

    study ─▶ opened ─▶ intake        opens hand-ins, picks the files that count, says what it left out
      ├────▶ released                what every student was given: not counted
      ├────▶ reader ─▶ child         one process a core, with limits: tokens, then copydetect's fingerprints
      ├────▶ index                   which pairs share enough to be compared at all
      ├────▶ comparison, passages    copydetect's figures for a pair; which lines are alike
      └────▶ document, page          similarity.json, similarity.html and a page a pair

Covered: renamed names, changed comments, docstrings, numbers, strings and layout, functions put in another order, code
moved between files or into one. Nothing of a hand-in is executed; a file that exhausts the reader costs its own
hand-in, which a note names.

Not covered: code written again after reading another's, and code that more than a tenth of a large class shares (that
is left out as common knowledge, and counted). A likeness is a reason to look, never a verdict.
"""

from grader.similarity.study import Study, study

__all__ = ["Study", "study"]
