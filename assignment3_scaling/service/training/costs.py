"""What a run of a tiny transformer is charged and how much memory it takes: formulas, so that no clock decides a grade.

A run is charged the seconds that a plain core would take: 40 GFLOP/s on matrices, and a fixed time for each step and
layer that calling operators costs however small they are. On such a core charges and the clock agree within a
factor of two; on another machine, or beside other work, the clock says something else and the charge the same.
"""

from dataclasses import dataclass

from assignment3_scaling.service.schemas import ArchitectureConfig, TrainingConfig

FLOPS_PER_SECOND = 40e9
STEP_SECONDS, LAYER_SECONDS = 1.0e-3, 1.2e-3
START_SECONDS = 0.5
REFUSED_SECONDS = 1.0
"""What a run costs that ends before its first step."""

BYTES = {"float32": 4, "bfloat16": 2}


@dataclass(frozen=True)
class Costs:
    """The costs of one config with windows of `seq_len` tokens."""

    config: TrainingConfig
    seq_len: int

    @property
    def steps(self) -> int:
        """Optimizer steps in all."""
        return self.config.total_train_tokens // self._tokens_a_step

    @property
    def _tokens_a_step(self) -> int:
        return self.seq_len * self.config.train_batch_size

    def seconds(self, steps: int) -> float:
        """The charge after so many steps, in seconds; evaluations are free.

        Six FLOPs for each weight and token (two forward, four backward), and for attention's two products of all pairs
        of positions 12 · seq_len · width a layer (Kaplan et al. 2020, section 2.1, times three for the backward pass).
        """
        model = self.config.architecture_config
        weights = matrix_weights(model)
        attention = 12 * self.seq_len * model.hidden_size * model.num_hidden_layers
        step = STEP_SECONDS + LAYER_SECONDS * model.num_hidden_layers
        step += (6 * weights + attention) * self._tokens_a_step / FLOPS_PER_SECOND
        return START_SECONDS + steps * step

    def memory_bytes(self) -> int:
        """Weights, gradients and AdamW's two moments, and what the backward pass needs of the forward pass.

        For each token and layer 16 vectors of the model's width, 4 of the feed-forward's, and 4 rows of attention's
        scores a head; for each token 4 rows of logits.
        """
        model, size = self.config.architecture_config, BYTES[self.config.architecture_config.dtype]
        weights = matrix_weights(model) + (0 if model.tie_word_embeddings else model.vocab_size * model.hidden_size)
        layer = 16 * model.hidden_size + 4 * model.intermediate_size + 4 * model.num_attention_heads * self.seq_len
        token = model.num_hidden_layers * layer + 4 * model.vocab_size
        return weights * (2 * size + 8) + self._tokens_a_step * token * size


def matrix_weights(model: ArchitectureConfig) -> int:
    """Weights that every token is multiplied with: of all layers, and of the map to logits."""
    layer = 4 * model.hidden_size**2 + 3 * model.hidden_size * model.intermediate_size
    return model.num_hidden_layers * layer + model.vocab_size * model.hidden_size
