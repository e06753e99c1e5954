"""The machine that runs are charged by: seconds from a formula, bytes from another.

Seconds a token are 6.6e-8 * layers + 1.37e-14 * (N + V * d), which describes published runs on one accelerator within
some per cent. A step costs half a millisecond more, so batches of a few sequences are slow. Twice the bytes a number,
twice the seconds for multiplying.

Activations are those of Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer Models", equation 1:
sequence * batch * d * (34 + 5 * heads * sequence / d) bytes a layer, in 16 bits without recomputation.
"""

from dataclasses import dataclass

from assignment3_scaling.service.simulated.surface import Numbers


@dataclass(frozen=True)
class Machine:
    """Its costs in seconds, its memory in bytes."""

    per_layer: float = 6.6e-8
    """Seconds a token and layer."""
    per_parameter: float = 1.37e-14
    """Seconds a token and parameter, those of the output matrix among them."""
    per_step: float = 5e-4
    """Seconds an optimizer step, whatever its batch."""
    memory: float = 180e9

    def seconds(
        self,
        N: Numbers,
        D: Numbers,
        layers: Numbers,
        width: Numbers,
        batch_tokens: Numbers,
        vocabulary: int,
        number_bytes: int = 2,
    ) -> Numbers:
        """The seconds that training takes, evaluations left out."""
        multiplied = self.per_parameter * number_bytes / 2 * (N + vocabulary * width)
        return D * (self.per_layer * layers + multiplied + self.per_step / batch_tokens)

    def bytes_needed(
        self,
        parameters: int,
        batch: int,
        sequence: int,
        layers: int,
        width: int,
        heads: int,
        vocabulary: int,
        number_bytes: int = 2,
        moments: int = 2,
    ) -> float:
        """The bytes at the peak of a step on `batch` sequences.

        All `parameters` count here, embeddings too. Each has its weight, gradient and `moments` of the optimizer; each
        logit takes five times the bytes of a number: itself, a copy in twice the precision, and the copy's gradient.
        """
        state = parameters * number_bytes * (2 + moments)
        activations = sequence * batch * layers * (34 * width + 5 * heads * sequence) * number_bytes / 2
        logits = sequence * batch * vocabulary * 5 * number_bytes
        return state + activations + logits
