"""Assignment 3's reference and the handout's baseline on the same twenty surfaces.

`python -m benchmarks.scaling_campaigns` plays them (half a minute) and writes `benchmarks/scaling_campaigns.json`, which the
handout's figure is drawn from. Another kind of processor draws other noise, as it rounds learning rates otherwise in the
last bit; a test holds that no row changes by more than that.
"""

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

from assignment3_scaling.service.rehearsal import Policy, played
from assignment3_scaling.service.simulated.surface import draw

ROOT = Path(__file__).resolve().parents[1]
STORED = Path(__file__).with_suffix(".json")
POLICIES = {
    "reference": ROOT / "staff/solutions/assignment3_scaling/campaign.py",
    "baseline": ROOT / "staff/submissions/assignment3_scaling/wrong_campaign_isoflops_without_tuning/campaign.py",
}
SURFACES = 20

Row = dict[str, Any]


def policy_of(path: Path) -> Policy:
    """The `run_scaling_campaign` of a file."""
    name = f"campaign_of_{path.parent.name}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    policy: Policy = module.run_scaling_campaign
    return policy


def measure(name: str) -> list[Row]:
    """What the policy comes to on each surface."""
    policy, rows = policy_of(POLICIES[name]), []
    for number in range(SURFACES):
        result = played(policy, draw(f"twenty {number}"))
        if result is None:
            raise RuntimeError(f"the {name} made no bet on surface {number}")
        rows.append(
            {
                "regret": round(result.regret, 5),
                "true_loss": round(result.true_loss, 5),
                "predicted_loss": round(result.predicted_loss, 5),
                "interval": [round(bound, 5) for bound in result.interval] if result.interval else None,
                "waste": round(result.waste, 5),
                "score": round(result.score, 5),
            }
        )
    return rows


if __name__ == "__main__":
    STORED.write_text(json.dumps({name: measure(name) for name in POLICIES}, indent=1) + "\n", encoding="utf-8")
    print(STORED)
