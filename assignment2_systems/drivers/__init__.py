"""Staff code that runs beside the student's: it builds models, starts ranks, records, and returns plain data.

A test reaches these functions through the `drivers` fixture, exactly as it reaches the adapters; what is imported
here is what it finds. Not covered: expected values, tolerances, verdicts. Those stay with the test, where the
student's code cannot reach them.
"""

from assignment2_systems.drivers.attention import (
    attention,
    attention_gradients,
    attention_memory,
    gradients_of_two_calls,
    kernel_launches,
    operators_of_attention,
    saved_by_attention,
)
from assignment2_systems.drivers.checkpointing import checkpointed_noise, checkpointed_run
from assignment2_systems.drivers.data_parallel import data_parallel_manners, data_parallel_training
from assignment2_systems.drivers.fully_sharded import fsdp_communication, fsdp_memory, fsdp_training
from assignment2_systems.drivers.leaderboard import (
    attention_and_gradients,
    attention_rounds,
    device_error,
    timed_training_step,
)
from assignment2_systems.drivers.pipeline_parallel import pipeline_training
from assignment2_systems.drivers.pretend_machine import (
    benchmark_by_the_default_clock,
    benchmark_on_a_pretend_machine,
)
from assignment2_systems.drivers.rmsnorm import rmsnorm_launches, rmsnorm_with_gradients
from assignment2_systems.drivers.sharded_feed_forward import tp_gradients
from assignment2_systems.drivers.sharded_optimizer import (
    sharded_closure,
    sharded_steps,
    sharded_tied_training,
    sharded_zero_grad,
)
from assignment2_systems.drivers.tensor_parallel import parallel_layers, parallel_training
