"""The shapes of what goes over the wire: training configs, final submissions, and what workers report.

Strict: an unknown field, a string where a number belongs, a truth value where a count belongs, NaN and infinity are
errors. `8388608.0` is a count, for JSON has one kind of number. No torch is imported here.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    Tag,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

from assignment3_scaling.service.errors import InvalidConfig
from assignment3_scaling.service.limits import PUBLIC, Limits
from assignment3_scaling.service.rules import broken_rules


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


Count = Annotated[int, Strict(), BeforeValidator(_whole)]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Truth = Annotated[bool, Strict()]
Text = Annotated[str, Strict(), Field(max_length=4000)]


class Shape(BaseModel):
    """What all shapes have in common: they do not change, and know all of their fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def as_json(self) -> dict[str, Any]:
        """The JSON form, with all defaults filled in."""
        return self.model_dump(mode="json")


class ArchitectureConfig(Shape):
    """A pre-norm transformer with RMSNorm of queries and keys, rotary embeddings and SwiGLU."""

    attention_bias: Truth
    head_dim: Count
    hidden_size: Count
    intermediate_size: Count
    num_attention_heads: Count
    num_hidden_layers: Count
    num_key_value_heads: Count
    rms_norm_eps: Number
    rope_theta: Count
    tie_word_embeddings: Truth
    dtype: Literal["float32", "bfloat16"]
    vocab_size: Count

    def non_embedding_parameters(self) -> int:
        """N = 12 · layers · width², the convention of the handout."""
        return 12 * self.num_hidden_layers * self.hidden_size**2


class WarmupCosineDecay(Shape):
    """Linear from `init_value` to `peak_value` over `warmup_frac` of the steps, then a cosine to its `final_lr_frac`."""

    peak_value: Number = 3e-4
    final_lr_frac: Number = 0.1
    warmup_frac: Number = 0.05
    init_value: Number = 0.0


class SGDConfig(Shape):
    """Gradient descent. Must be asked for by its `type`: without one its fields could be AdamW's."""

    type: Literal["sgd"]
    lr_scheduler: WarmupCosineDecay
    grad_clip_norm: Number | None = 1.0


class AdamWConfig(Shape):
    """AdamW. Its `type` is not written out: clients of 2026 know no such field, and its other fields say it."""

    type: Literal["adamw"] = Field(default="adamw", exclude=True)
    lr_scheduler: WarmupCosineDecay = Field(default_factory=WarmupCosineDecay)
    weight_decay: Number = 0.01
    beta1: Number = 0.9
    beta2: Number = 0.95
    eps: Number = 1e-8
    eps_root: Number = 1e-8
    grad_clip_norm: Number | None = 1.0


BRANCHES = frozenset(
    {"adamw", "sgd", "completed", "failed", "run_started", "run_heartbeat", "validation_loss", "preempted"}
    | {"timeout", "numerical", "out_of_memory", "unexpected"}
)
"""Names of branches of unions, which stand in the paths of errors though no field of a request is called so."""
ADAMW_ONLY = frozenset(AdamWConfig.model_fields) - frozenset(SGDConfig.model_fields)


def _optimizer_type(value: object) -> str | None:
    """The optimizer that is meant; None where it is not said, for a guess would train with the wrong one."""
    if isinstance(value, AdamWConfig | SGDConfig):
        return value.type
    if isinstance(value, Mapping):
        if "type" in value:
            return value["type"] if isinstance(value["type"], str) else None
        if ADAMW_ONLY & value.keys():
            return "adamw"
    return None


OptimizerConfig = Annotated[
    Annotated[AdamWConfig, Tag("adamw")] | Annotated[SGDConfig, Tag("sgd")],
    Discriminator(
        _optimizer_type,
        custom_error_type="optimizer_type",
        custom_error_message="optimizer_config needs a type, 'adamw' or 'sgd', where no field of AdamW alone is given",
    ),
]


class TrainingConfig(Shape):
    """All that decides a run. Validated against the bounds of 2026, or `context={"limits": …, "final": …}`."""

    architecture_config: ArchitectureConfig
    optimizer_config: OptimizerConfig
    train_batch_size: Count
    val_batch_size: Count
    n_evals: Count = 16
    total_train_tokens: Count
    max_runtime_seconds: Number
    model_seed: Count = 0

    @model_validator(mode="after")
    def _keeps_the_rules(self, info: ValidationInfo) -> Self:
        context = info.context or {}
        found = broken_rules(self.as_json(), context.get("limits", PUBLIC), final=context.get("final", False))
        if found:
            text = "; ".join(one.message for one in found)
            raise PydanticCustomError("broken_rules", "{text}", {"text": text, "broken": found})
        return self

    def steps(self, limits: Limits) -> int:
        """How many optimizer steps the run has."""
        return self.total_train_tokens // (limits.seq_len * self.train_batch_size)


class PredictionInterval(Shape):
    """Where the final loss is expected to lie with a probability of 80 %."""

    low: Number
    high: Number


class FinalSubmission(Shape):
    """The bet: a config for the large run, and the loss that it will end at."""

    training_config: TrainingConfig
    predicted_final_loss: Number = Field(gt=0)
    prediction_interval: PredictionInterval | None = None

    def as_json(self) -> dict[str, Any]:
        """The JSON form; an interval that was not given is left out, for clients of 2026 know none."""
        form = super().as_json()
        return form if self.prediction_interval else {key: form[key] for key in form if key != "prediction_interval"}

    @model_validator(mode="after")
    def _interval_holds_the_prediction(self) -> Self:
        interval = self.prediction_interval
        if interval and not 0 < interval.low <= self.predicted_final_loss <= interval.high:
            raise PydanticCustomError(
                "interval", "prediction_interval must have 0 < low <= predicted_final_loss <= high"
            )
        return self


S = TypeVar("S", bound=Shape)


def parse(shape: type[S], value: object, limits: Limits = PUBLIC, *, final: bool = False) -> S:
    """`value` as a `shape`.

    Raises:
        InvalidConfig: it is none; every problem is listed, each broken rule by the field that it is about.
    """
    try:
        return shape.model_validate(value, context={"limits": limits, "final": final})
    except ValidationError as error:
        raise InvalidConfig(list(_problems(error))) from None


def _problems(error: ValidationError) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in error.errors(include_url=False, include_input=False):
        place = [part for part in one["loc"] if part not in BRANCHES]
        broken = one.get("ctx", {}).get("broken")
        if one["type"] == "broken_rules" and broken:
            found += [{"loc": [*place, *rule.field], "msg": rule.message, "type": "value_error"} for rule in broken]
        else:
            found.append({"loc": place, "msg": one["msg"], "type": one["type"]})
    return found
