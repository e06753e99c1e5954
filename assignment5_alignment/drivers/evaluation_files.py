"""Files for judges: written in a folder of their own, and brought back."""

from typing import Any

from assignment5_alignment import adapters
from assignment5_alignment.drivers.workplace import contents, workplace

FILE = "outputs"


def evaluation_file(
    adapter: str, examples: list[dict[str, Any]], outputs: list[str], generator: str, older: bytes | None
) -> dict[str, Any]:
    """`run_write_alpaca_eval`, or `run_write_sst` which takes no generator, where a file `older` may be in the place.

    Returns:
        {"refused": whether it raised ValueError, "files": the content of every file that lies in the folder afterwards by name
        (the one asked for is `outputs`), "examples": the examples as they are then}.
    """
    with workplace({} if older is None else {FILE: older}) as place:
        refused = False
        try:
            if adapter == "run_write_alpaca_eval":
                adapters.run_write_alpaca_eval(examples, outputs, generator, place / FILE)
            else:
                adapters.run_write_sst(examples, outputs, place / FILE)
        except ValueError:
            refused = True
        return {"refused": refused, "files": contents(place), "examples": examples}
