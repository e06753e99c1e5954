"""What the fixed model learns of the tokens that an entry's filter lets through.

A web is generated from the leaderboard's secret seed; some of its pages quote documents that the entry is told to leave out.
The loss is measured on *other* documents of the same kind, which the entry never sees: so text that it is given to avoid is
of no use to train on, and what it writes has to be of the web.

Model and steps are those of `assignment4_data.training`, run in this process on tokens that were checked; the same seeds for
every entry. The track that is verified on a GPU has a larger web, and there trains a larger model of the same form for
longer; the filter runs on a processor. That training was never run on a GPU so far; the tests run it on a CPU, smaller.
"""

import statistics
import tempfile
from pathlib import Path

import numpy as np
import torch

from assignment4_data.tests.held_out import SHARED, check_sources, domain, grams, ids_of, new_prose, tokens_of
from assignment4_data.training.script import SMALL, Scale, validation_loss
from grader.errors import ConfigError
from grader.leaderboard.case import Case, Measured, Refused
from grader.leaderboard.track import Device
from grader.testing.check import Check

LEAKS = 6
MOST_TOKENS = 20_000_000


def verify(case: Case) -> Measured:
    """Filter, check, train, measure."""
    check, scale = Check(), scale_of(case)
    draw = case.draw("web")
    with tempfile.TemporaryDirectory() as folder:
        given = domain(draw, Path(folder), count=case.setting("pages"), leaks=LEAKS)
    known = grams((*(page.text for page in given.documents), *given.validation), SHARED)
    hidden = ids_of(new_prose(draw.integer(2**32, 2**33), known))
    with case.worker() as worker, worker.fresh() as drivers:
        ids = tokens_of(check, drivers.make_training_data(given.wets, given.validation))
    if len(ids) > MOST_TOKENS:
        raise Refused(f"{len(ids)} tokens to train on; expected at most {MOST_TOKENS}")
    check_sources(check, ids, given)
    everything = ids_of([page.text for page in given.documents])
    losses = [mean_loss(case, tokens, hidden, scale) for tokens in (ids, everything)]
    mean, spread = losses[0]
    return Measured(
        score=mean,
        spread=spread,
        measurements={
            "nats per byte without a filter": losses[1][0],
            "tokens kept": float(len(ids)),
            "share of all tokens": len(ids) / len(everything),
            "hidden tokens measured on": float(len(hidden)),
        },
    )


def scale_of(case: Case) -> Scale:
    """What is trained, and where: the assignment's own model, or the one that the track describes.

    Raises:
        ConfigError: the track is verified on a GPU, and PyTorch finds none.
    """
    device = "cuda" if case.track.verified_on is Device.GPU else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise ConfigError("PyTorch finds no GPU on this machine; verify on a machine with CUDA")
    if "hidden" not in case.track.settings:
        return SMALL
    return Scale(*(case.setting(name) for name in ("context", "width", "hidden", "batch")), device=device)


def mean_loss(case: Case, ids: np.ndarray, hidden: np.ndarray, scale: Scale) -> tuple[float, float]:
    """Mean over the seeds, and how far it may be off."""
    seeds, steps = case.setting("seeds"), case.setting("steps")
    losses = [
        validation_loss(ids, hidden, case.draw("seed", number).integer(0, 2**31), steps, scale=scale)
        for number in range(seeds)
    ]
    return statistics.fmean(losses), statistics.stdev(losses) / seeds**0.5 if seeds > 1 else 0.0
