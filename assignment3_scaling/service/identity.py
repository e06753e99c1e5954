"""When two training configs are the same experiment: a short hash of everything that the losses depend on."""

import hashlib
import json
from typing import Any

from assignment3_scaling.service.schemas import TrainingConfig

IMMATERIAL = frozenset({"max_runtime_seconds", "n_evals", "val_batch_size"})
"""What changes how a run is watched and where it is cut off, not what it learns. The seed is not among them: another
seed is another draw of the noise, and is paid for as one."""


def content_id(config: TrainingConfig) -> str:
    """The same for configs that differ in what is immaterial, in spelling (`1` and `1.0`), or in defaults left out."""
    material = {key: value for key, value in config.as_json().items() if key not in IMMATERIAL}
    return digest({**material, "optimizer": config.optimizer_config.type})


def digest(value: Any) -> str:
    """A hash of plain data: 20 hexadecimal digits, equal for equal data in any order of keys."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2s(text.encode(), digest_size=10).hexdigest()


def _plain(value: Any) -> Any:
    """`value` with the two zeros of floating point made one."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value + 0.0 if isinstance(value, float) else value
