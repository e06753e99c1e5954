"""Opens a hand-in (folder, .zip, .tar.gz, or one .py file) into a clean folder of plain files.

Covered: links, hard links, devices, FIFOs and sockets (refused, never opened); absolute, `..`, drive,
backslash, control-character and otherwise treacherous names; duplicates, and names that are one on another
file system; bombs (entries, files, bytes streamed, compression ratio, depth, time); encrypted, overlapping
and lying zip entries; version control, caches, virtual environments, compiled code (left out, and listed).

Not covered: what the files say. They are student code and are run in the sandbox only. Archives inside a
hand-in stay the files they are.

    handin.open_handin ─▶ folder, zips, tars   one reader a form; each yields Members
                     └──▶ unpack               the only writer; applies names, caps
                     └──▶ place                finds the assignment's folder in what was unpacked
"""

from grader.intake.caps import CAPS, Caps
from grader.intake.handin import Handin, open_any, open_handin, report_names
from grader.intake.member import Kind, Member
from grader.intake.names import is_left_out
from grader.intake.refusal import IntakeError

__all__ = [
    "CAPS",
    "Caps",
    "Handin",
    "IntakeError",
    "Kind",
    "Member",
    "is_left_out",
    "open_any",
    "open_handin",
    "report_names",
]
