"""Learning runs with your own loops: `python -m assignment5_alignment.experiments`, and what a GRPO run is told.

Not covered: large models. The loops are the same; `assignment5_alignment.models.load` reads one, and a sampler for it
is in `assignment5_alignment.sampling`.
"""

from assignment5_alignment.experiments.config import GRPOConfig

__all__ = ["GRPOConfig"]
