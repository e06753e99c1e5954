"""Staff code that runs beside the student's: it uses what cannot travel, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters; what is imported
here is what it finds. Not covered: expected values, tolerances, verdicts. Those stay with the test, where the
student's code cannot reach them.
"""

from assignment4_data.drivers.deduplication import exact_line_deduplication, minhash_deduplication
from assignment4_data.drivers.pipeline import filter_pipeline
from assignment4_data.drivers.tokenization import tokenize_corpus
from assignment4_data.drivers.training_data import make_training_data
