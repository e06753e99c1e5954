"""A training cluster that is a formula: what a run loses, how long it takes, what it needs, how it fails.

In reading order: `surface` (the loss of a finished run), `machine` (seconds and bytes), `noise` (randomness that a run
cannot be asked for twice), `plan` (the numbers of a configuration that the others work with), `training` (one run from
its first evaluation to its end), `backend` (the same behind the seam of the service), `optimum` (the best there is),
`score` (what a campaign is worth), `reveal` (all that was hidden, for instructors), `offline` (the course's API of 2024
and 2025).

Covered: everything that makes a campaign a matter of method. Not covered: anything about data, tokenizers or
particular hardware; no number here says how well a real model would do.
"""
