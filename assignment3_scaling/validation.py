"""The rules of the training API, before a request is sent: what is refused costs no budget, but it costs time."""

from typing import Any


def validate_config(config: dict[str, Any]) -> list[str]:
    """The texts of all rules of the handout's table that `config` breaks, in the table's order; [] if it breaks none.

    `config` is a training configuration in the API's JSON shape. Keys are there and values have their types, but a key
    that has a default may be missing: then the default holds.
    """
    raise NotImplementedError("config_validation: write validate_config in assignment3_scaling/validation.py")
