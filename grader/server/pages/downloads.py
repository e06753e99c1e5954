"""The class's grades as files: what `grader export` makes of a graded folder, over HTTP."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.responses import Response

from grader import course as courses
from grader.course.policy import Visibility
from grader.errors import ConfigError
from grader.export import audience, feedback, folder, gradescope, junit, spreadsheet
from grader.export.folder import Handin
from grader.server.errors import NotFound
from grader.server.office import Office

Files = Mapping[str, str]


@dataclass(frozen=True)
class Form:
    """A form of export: what the button says, the type, and the files by name; several travel in a zip."""

    label: str
    suffix: str
    media_type: str
    make: Callable[[Sequence[Handin], Visibility], Files]


def _pages(handins: Sequence[Handin], visibility: Visibility) -> Files:
    return {f"{h.submission}.html": feedback.html(audience.for_student(h, visibility)) for h in handins}


def _texts(handins: Sequence[Handin], visibility: Visibility) -> Files:
    return {f"{h.submission}.md": feedback.markdown(audience.for_student(h, visibility)) for h in handins}


def _results(handins: Sequence[Handin], visibility: Visibility) -> Files:
    return {f"{h.submission}.json": gradescope.dumps(gradescope.of(h, visibility)) for h in handins}


ZIP = "application/zip"
FORMS = {
    "csv": Form("CSV", "csv", "text/csv", lambda handins, _: {"": spreadsheet.of_class(handins)}),
    "junit": Form("JUnit XML", "xml", "application/xml", lambda handins, visibility: {
        "": junit.of([audience.for_student(handin, visibility) for handin in handins])
    }),
    "gradescope": Form("Gradescope", "zip", ZIP, _results),
    "html": Form("Feedback, HTML", "zip", ZIP, _pages),
    "markdown": Form("Feedback, Markdown", "zip", ZIP, _texts),
    "attempts": Form("Attempts", "csv", "text/csv", lambda handins, _: {}),
}  # fmt: skip
"""By the last word of the address. `attempts` is who handed in what and when, for `grader final`."""


def download(office: Office, assignment: str, form: str) -> Response:
    """The file of a form.

    Raises:
        NotFound: there is no such form, or nothing is graded yet.
    """
    if form not in FORMS:
        raise NotFound(f"there is no export {form[:40]!r}; there are {', '.join(FORMS)}")
    chosen = FORMS[form]
    if form == "attempts":
        content = office.queries.attempts_csv(assignment).encode()
    else:
        with tempfile.TemporaryDirectory(prefix="grader-export-") as place:
            office.queries.write_reports(assignment, Path(place))
            try:
                handins = folder.read(Path(place))
            except ConfigError:
                raise NotFound(f"nothing of {assignment} is graded yet") from None
        files = chosen.make(handins, courses.load(office.settings.root).visibility)
        content = _zipped(files) if chosen.media_type == ZIP else files[""].encode()
    name = f"{assignment}-{form}.{chosen.suffix}"
    return Response(
        content,
        media_type=chosen.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _zipped(files: Files) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()
