"""The tokens that a hand-in would train on."""

from typing import Any

from assignment4_data import adapters
from assignment4_data.drivers.folders import contents, workplace

FILE = "train.bin"


def make_training_data(wets: dict[str, bytes], validation_documents: list[str]) -> dict[str, Any]:
    """`run_make_training_data` on WET files with these contents, by name.

    Returns:
        {"returned": what it returned, "tokens": the content of the file that it was to write, None where there is none}.
    """
    with workplace(wets) as place:
        paths = [place / name for name in sorted(wets)]
        returned = adapters.run_make_training_data(paths, validation_documents, place / FILE)
        return {"returned": returned, "tokens": contents(place).get(FILE)}
