"""Staff code that runs beside the student's: it uses classes, objects and autograd, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters; what is imported
here is what it finds. Not covered: expected values, tolerances, verdicts. Those stay with the test, where the
student's code cannot reach them.
"""

from assignment1_basics.drivers.batches import (
    batch_from_memory_map,
    batch_overwritten,
    batch_placement,
    batches_after_seeds,
    bytes_read_for_a_batch,
)
from assignment1_basics.drivers.bpe import train_bpe_in_a_new_process, train_bpe_where_processes_are_spawned
from assignment1_basics.drivers.calls import (
    call_keeping_arguments,
    call_with_gradients,
    matmul_shapes,
    result_or_refusal,
)
from assignment1_basics.drivers.checkpoints import (
    checkpoint_and_resume,
    checkpoint_loads_as_plain_data,
    checkpoints_at_paths,
    modes_around_checkpointing,
)
from assignment1_basics.drivers.construction import (
    buffer_descriptions,
    initial_parameters,
    initial_parameters_of_two,
    parameter_descriptions,
    state_dict_keys,
)
from assignment1_basics.drivers.decoding import (
    generate_from_table,
    generate_twice_from_one_generator,
    samples,
    training_mode_after_a_failure,
)
from assignment1_basics.drivers.kv_cache import (
    around_a_refusal,
    autograd_with_and_without_cache,
    cached_logits,
    cached_logits_by_turns,
    cached_products,
    generated_with_cache,
    logits_without_and_with_cache,
)
from assignment1_basics.drivers.leaderboard import (
    leaderboard_context_length,
    leaderboard_encode,
    leaderboard_logits,
    leaderboard_vocabulary,
)
from assignment1_basics.drivers.mixture import (
    mixture_along_a_line,
    mixture_input_gradient,
    mixture_output_types,
    mixture_products,
)
from assignment1_basics.drivers.modules import (
    gradients_of_only_parameter,
    logits_around_training,
    module_output,
    module_outputs,
    outputs_along_a_line,
    outputs_in_dtypes,
    parameter_gradients,
)
from assignment1_basics.drivers.optimizer import (
    adamw_closure,
    adamw_steps,
    adamw_steps_with_a_late_group,
    adamw_steps_with_a_pause,
    adamw_training,
    clipped_gradients,
)
from assignment1_basics.drivers.tokenizers import (
    arguments_after_encoding,
    chunks_read_by_each_id,
    decode_ids,
    encode_by_turns,
    encode_chunks,
    encode_streams_by_turns,
    encode_texts,
    encode_with_files,
    peak_memory_of_encoding,
    saved_vocabulary,
)
from assignment1_basics.drivers.training import training_session
