"""The interface between your code and the checks: one function for each thing that is checked.

The names, arguments and return annotations are fixed; a result that does not fit its annotation fails. The
bodies are yours: a line or more that calls your function, but nothing of what a problem asks for. They are wired to
the stubs already, so nothing here needs a change unless you name or store things differently.
"""

import os
from typing import Any

from assignment4_data import (
    archives,
    audit,
    c4,
    contamination,
    exact_deduplication,
    extraction,
    gopher,
    harmful,
    inspection,
    language,
    minhash,
    ngram_model,
    personal_data,
    pipeline,
    quality,
    tokenization,
    training_data,
)


def run_extract_text_from_html_bytes(html_bytes: bytes) -> str | None:
    """The text of the page in `html_bytes`, whatever its encoding; None where there is none to be had."""
    return extraction.extract_text(html_bytes)


def run_iter_warc(path: os.PathLike) -> list[tuple[str, str]]:
    """(URI, extracted text) of each HTML response in the WARC file at `path`, in order, broken records left out."""
    return list(archives.iter_warc(path))


def run_look_at_cc(path: os.PathLike) -> list[dict[str, Any]]:
    """What you say of each HTML response in the WARC file at `path`, in order; the handout names the keys."""
    return audit.look_at_cc(path)


def run_identify_language(text: str) -> tuple[str, float]:
    """The code of the main language of `text`, such as "en" or "zh", and how sure that is, from 0 to 1."""
    return language.identify_language(text)


def run_mask_emails(text: str) -> tuple[str, int]:
    """`text` with each address of electronic mail replaced, and how many were."""
    return personal_data.mask_emails(text)


def run_mask_phone_numbers(text: str) -> tuple[str, int]:
    """`text` with each telephone number replaced, and how many were."""
    return personal_data.mask_phone_numbers(text)


def run_mask_ips(text: str) -> tuple[str, int]:
    """`text` with each IPv4 address replaced, and how many were."""
    return personal_data.mask_ips(text)


def run_classify_nsfw(text: str) -> tuple[str, float]:
    """ "nsfw" or "non-nsfw", and the probability of that label."""
    return harmful.classify_nsfw(text)


def run_classify_toxic_speech(text: str) -> tuple[str, float]:
    """ "toxic" or "non-toxic", and the probability of that label."""
    return harmful.classify_toxic_speech(text)


def run_gopher_quality_filter(text: str) -> bool:
    """Whether `text` passes the four rules of the handout."""
    return gopher.gopher_quality_filter(text)


def run_c4_filter(text: str) -> str | None:
    """The lines of the page `text` that the rules of the handout keep, or None where they drop the whole page."""
    return c4.c4_filter(text)


def run_classify_quality(text: str) -> tuple[str, float]:
    """ "wiki" or "cc", and the probability of that label."""
    return quality.classify_quality(text)


def run_exact_line_deduplication(input_files: list[os.PathLike], output_directory: os.PathLike) -> None:
    """Writes each file to `output_directory` without the lines that occur more than once in all of them."""
    exact_deduplication.exact_line_deduplication(input_files, output_directory)


def run_minhash_deduplication(
    input_files: list[os.PathLike],
    num_hashes: int,
    num_bands: int,
    ngrams: int,
    jaccard_threshold: float,
    output_directory: os.PathLike,
) -> None:
    """Copies one file of each cluster of near-duplicates to `output_directory`."""
    minhash.minhash_deduplication(input_files, num_hashes, num_bands, ngrams, jaccard_threshold, output_directory)


def run_contaminated_documents(documents: list[str], benchmark: list[str], n: int = 13) -> list[int]:
    """Indices of the `documents` that share `n` words in a row with a text of `benchmark`, in order."""
    return contamination.contaminated_documents(documents, benchmark, n)


def run_ngram_language_model(train: str, test: str, order: int, k: float) -> dict[str, Any]:
    """ "perplexity", "bits_per_character" and "vocabulary" of a model of characters fitted to `train`, on `test`."""
    return ngram_model.evaluate(train, test, order, k)


def run_filter_pipeline(wet_paths: list[os.PathLike], output_directory: os.PathLike) -> dict[str, dict[str, int]]:
    """Documents into and out of each filter, in order; what is kept lies in `output_directory`."""
    return pipeline.filter_pipeline(wet_paths, output_directory)


def run_audit_sample(decisions: dict[str, str], per_outcome: int, seed: int) -> list[str]:
    """The ids of the documents to be looked at: `per_outcome` at most of each outcome."""
    return inspection.audit_sample(decisions, per_outcome, seed)


def run_audit_report(decisions: dict[str, str], labels: dict[str, bool]) -> dict[str, Any]:
    """What the labels of a sample say of all decisions."""
    return inspection.audit_report(decisions, labels)


def run_tokenize_corpus(documents: list[str], tokenizer: Any, path: os.PathLike) -> int:
    """Writes the tokens of all documents to `path`, each with its end-of-text, and returns how many there are."""
    return tokenization.tokenize_corpus(documents, tokenizer, path)


def run_make_training_data(wet_paths: list[os.PathLike], validation_documents: list[str], path: os.PathLike) -> int:
    """Writes the tokens to train on to `path`, without what `validation_documents` hold, and returns how many there are."""
    return training_data.make_training_data(wet_paths, validation_documents, path)
