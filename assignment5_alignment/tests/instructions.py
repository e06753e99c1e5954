"""Documents to pack, the stream of tokens they make, and checks of what was packed of it."""

import json

import torch
from tokenizers import Tokenizer

from assignment5_alignment import models

WHO = "get_packed_sft_dataset"
BATCHES = "run_iterate_batches"
TOKENIZERS = ("tiny-llama3-like", "tiny-qwen-like")
ENDS = {"tiny-llama3-like": "<|end_of_text|>", "tiny-qwen-like": "<|endoftext|>"}

DOCUMENTS = [
    ("Name three rivers.", "The Oka, the Elbe and the Po."),
    ("Add 2 and 5.", "7"),
    ("Why is the sky blue?", "Air scatters short waves more than long ones.\n\nSo blue light comes from everywhere."),
    ("Say {response} and {prompt}, please.", "{prompt} and {response}, {0} and {}."),
    ("Translate 'Straße' and '東京'.", "A street, and a city."),
]
SEPARATED = [
    ("Name two\u2028rivers.", "The Oka.\u2028The Elbe.\u0085The Po."),
    ("Add 2 and 5.", "7"),
]
"""Characters at which Python's `splitlines` ends a line, and a file of lines does not."""
SPACED = [
    ("Name a river.", "The Oka.\n"),
    ("  Spaces before, and a line end after\n", " kept as they are "),
    ("Add 2 and 5.", "\n7"),
]
"""White space at the ends of texts, of which the public course says nothing."""


def written(documents):
    """The documents as a file of JSON, one object a line, characters beyond ASCII as they are."""
    lines = [json.dumps({"prompt": prompt, "response": response}, ensure_ascii=False) for prompt, response in documents]
    return "".join(f"{line}\n" for line in lines).encode()


def text_of(document):
    """One document in Alpaca's form, put together piece by piece."""
    prompt, response = document
    head = "Below is an instruction that describes a task. Write a response that appropriately completes the request."
    return "\n\n".join([head, "### Instruction:\n" + prompt, "### Response:\n" + response])


def pieces(name, documents):
    """Token ids of each document, its end of text among them."""
    tokenizer = Tokenizer.from_file(str(models.path(name) / "tokenizer.json"))
    end = tokenizer.token_to_id(ENDS[name])
    return [[*tokenizer.encode(text_of(document)).ids, end] for document in documents]


def drawn_documents(draw, count):
    """Instructions of some words, no two alike."""
    words = [
        "draw",
        "count",
        "list",
        "name",
        "sort",
        "three",
        "small",
        "green",
        "rivers",
        "numbers",
        "birds",
        "of",
        "a",
        "the",
        "and",
        "with",
        "first",
        "last",
    ]
    return [
        (
            f"{number}: " + " ".join(draw.choice(words) for _ in range(draw.integer(2, 9))),
            " ".join(draw.choice(words) for _ in range(draw.integer(1, 25))) + ".",
        )
        for number in range(count)
    ]


def check_row(check, row, length, who):
    """A row is a dict of two rows of ids."""
    fine = isinstance(row, dict) and set(row) == {"input_ids", "labels"}
    check.that(fine, f"{who}: a row is no dict with input_ids and labels and nothing else; expected one")
    for name, ids in row.items():
        fine = isinstance(ids, torch.Tensor) and ids.dtype is torch.int64 and tuple(ids.shape) == (length,)
        check.that(fine, f"{who}: {name} of a row are no int64 tensor of shape ({length},); expected one")


def rows_of(check, found, count, seq_length):
    """The rows that the driver brought back, after a look at their number and form."""
    rows = found["rows"]
    check.that(
        found["length"] == count and type(rows) is list and len(rows) == count,
        f"{WHO} has {str(found['length'])[:20]} rows of {seq_length}; expected {count}, all that have every label",
    )
    for row in rows:
        check_row(check, row, seq_length, WHO)
    return rows


def check_packed(check, drivers, name, documents, seq_length, content=None):
    """Packed in order, the rows are the stream of all documents, cut."""
    stream = [token for piece in pieces(name, documents) for token in piece]
    count = max(len(stream) - 1, 0) // seq_length
    found = drivers.packed_dataset(name, written(documents) if content is None else content, seq_length, False)
    who = f"{WHO} with {name}, rows of {seq_length}"
    for number, row in enumerate(rows_of(check, found, count, seq_length)):
        start = number * seq_length
        for key, first in (("input_ids", start), ("labels", start + 1)):
            expected = torch.tensor(stream[first : first + seq_length])
            check.equal(row[key], expected, who=f"{who}: {key} of row {number}:")


def numbered(count, seq_length):
    """Rows that differ in every number, and labels that are not the inputs shifted."""
    input_ids = torch.arange(count * seq_length).view(count, seq_length)
    return input_ids, input_ids + 10_000


def order_of(check, found, count, batch_size, seq_length):
    """The numbers of the rows as they came, after a look at every batch."""
    expected = -(-count // batch_size)
    passed = found["batches"]
    check.that(
        found["length"] == expected and type(passed) is list and len(passed) == expected,
        f"{BATCHES}: len() is {str(found['length'])[:20]}, and there came {len(passed) if type(passed) is list else 'no list of'} batches; "
        f"expected {expected} of {count} rows, {batch_size} at a time",
    )
    order = []
    for number, batch in enumerate(passed):
        size = min(batch_size, count - number * batch_size)
        fine = isinstance(batch, dict) and set(batch) == {"input_ids", "labels"}
        check.that(
            fine, f"{BATCHES}: batch {number} is no dict with input_ids and labels and nothing else; expected one"
        )
        for name, ids in batch.items():
            fine = isinstance(ids, torch.Tensor) and ids.dtype is torch.int64 and tuple(ids.shape) == (size, seq_length)
            check.that(
                fine,
                f"{BATCHES}: {name} of batch {number} are no int64 tensor of shape ({size}, {seq_length}); expected one",
            )
        order += (batch["input_ids"][:, 0] // seq_length).tolist()
        check.equal(
            batch["labels"] - 10_000, batch["input_ids"], who=f"{BATCHES}: labels of batch {number}, beside its inputs,"
        )
    check.that(
        sorted(order) == list(range(count)),
        f"{BATCHES}: the batches have not every row once; expected each of {count} once",
    )
    for number, batch in enumerate(passed):
        rows = torch.tensor(order[number * batch_size : (number + 1) * batch_size])
        inputs = rows[:, None] * seq_length + torch.arange(seq_length)
        check.equal(batch["input_ids"], inputs, who=f"{BATCHES}: the rows of batch {number},")
    return order
