"""Speed and cost as ratios against named peers, each pair measured in one run. `python -m benchmarks --help`."""

NAMES = (
    "grading", "class_batch", "bpe_training", "encoding", "file_encoding", "training_step", "deduplication",
    "filter_pipeline",
)  # fmt: skip
"""The benchmarks, in the order they run; each is the module of its name, whose `compare` measures."""
