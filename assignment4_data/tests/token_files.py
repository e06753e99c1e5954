"""What a flat file of token ids must hold: checks of what the driver `tokenize_corpus` brought back."""

import sys
from array import array

WHO = "run_tokenize_corpus"
FILE = "corpus.bin"


def drawn_ids(draw, largest=65_535):
    """Different ids for the 256 bytes and the end of text, anywhere up to `largest`."""
    places = draw.rng.choice(largest + 1, 257, replace=False).tolist()
    return places[:256], places[256]


def read(check, content):
    """The ids of a file, two bytes each, the low byte first."""
    check.that(len(content) % 2 == 0, f"{WHO} wrote {len(content)} bytes; expected two an id")
    ids = array("H", content)
    if sys.byteorder == "big":
        ids.byteswap()
    return ids.tolist()


def check_file(check, result, documents, ids, eos_id):
    """The file holds the documents, each closed by the end of text, and nothing else."""
    check.that(result["refused"] is False, f"{WHO} raised ValueError; expected it to write ids that fit into 16 bits")
    files = result["files"]
    check.that(
        isinstance(files, dict) and list(files) == [FILE] and type(files[FILE]) is bytes,
        f"{WHO} left other files than the one it was asked for, or none",
    )
    found = read(check, files[FILE])
    expected = sum(len(document.encode()) + 1 for document in documents)
    check.that(
        len(found) == expected,
        f"{WHO} wrote {len(found)} ids of two bytes; expected one a byte of the documents and one at the end of each, {expected}",
    )
    check.that(
        type(result["returned"]) is int and result["returned"] == expected,
        f"{WHO} returned {str(result['returned'])[:40]}; expected the number of ids in the file, {expected}",
    )
    back = {number: byte for byte, number in enumerate(ids)}
    check.that(
        all(number == eos_id or number in back for number in found), f"{WHO} wrote ids that the tokenizer never gave"
    )
    ends = found.count(eos_id)
    check.that(
        ends == len(documents),
        f"{WHO} wrote the end-of-text id {ends} times; expected once a document, {len(documents)}",
    )
    decoded, current = [], bytearray()
    for number in found:
        if number == eos_id:
            decoded.append(bytes(current))
            current.clear()
        else:
            current.append(back[number])
    check.that(not current, f"{WHO} wrote ids after the last end of text; expected every document to be closed by one")
    wrong = [place for place, document in enumerate(documents) if decoded[place] != document.encode()]
    check.that(not wrong, f"{WHO}: document {wrong[:1]} reads otherwise when it is decoded; expected the same text")


def check_refused(check, result, older, why):
    """ValueError was raised, and the folder is as it was before."""
    check.that(result["refused"] is True, f"{WHO} wrote ids {why}; expected ValueError")
    files = result["files"]
    before = {} if older is None else {FILE: older}
    check.that(
        isinstance(files, dict) and files == before,
        f"{WHO} raised ValueError {why}, but wrote before; expected the folder to be as it was",
    )
