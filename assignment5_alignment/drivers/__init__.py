"""Staff code that runs beside the student's: it uses what cannot travel, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters; what is imported
here is what it finds. Not covered: expected values, tolerances, verdicts. Those stay with the test, where the
student's code cannot reach them.
"""

from assignment5_alignment.drivers.derivations import surrogate
from assignment5_alignment.drivers.evaluation_files import evaluation_file
from assignment5_alignment.drivers.instruction_data import batches, packed_dataset, packed_rows_end
from assignment5_alignment.drivers.leaderboard import leaderboard_parameters, leaderboard_responses
from assignment5_alignment.drivers.log_probs import model_log_probs, table_log_probs
from assignment5_alignment.drivers.preferences import dpo_loss, load_hh
from assignment5_alignment.drivers.rewards import log_generations, reward_categories
from assignment5_alignment.drivers.rollouts import rollout_rewards
from assignment5_alignment.drivers.token_losses import call_keeping_arguments, call_with_gradients, microbatch_steps
from assignment5_alignment.drivers.tokenization import tokenize
from assignment5_alignment.drivers.train_step import grpo_train_step
from assignment5_alignment.drivers.training_loops import (
    dpo_run,
    expert_iteration_learns,
    expert_iteration_run,
    grpo_learns,
    grpo_run,
    sft_learns,
    sft_run,
)
