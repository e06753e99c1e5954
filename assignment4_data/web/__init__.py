"""A web of our own making: pages in several languages and encodings, whose truth is known, as WARC and WET files.

`documents(seed, count)` yields pages one after another; the same seed gives the same bytes on every machine, and a
longer run begins with the shorter one. `python -m assignment4_data.web --out DIR --size 10MB` writes files of them.

Nobody is named and nobody can be offended: insults and adult words are placeholders such as "grumble-word". What is
not imitated: the sizes of real pages, markup that is broken, and languages beyond those in `LANGUAGES`.
"""

from assignment4_data.web.archives import write_truth, write_warc, write_wet
from assignment4_data.web.document import KINDS, LANGUAGES, Document
from assignment4_data.web.generator import document, documents

__all__ = ["KINDS", "LANGUAGES", "Document", "document", "documents", "write_truth", "write_warc", "write_wet"]
