"""The rules by another door."""

from assignment3_scaling.service.rules import broken_rules
from assignment3_scaling.service.schemas import AdamWConfig, SGDConfig, TrainingConfig, WarmupCosineDecay


def defaults(shape):
    return {name: field.default for name, field in shape.model_fields.items() if not field.is_required()}


def validate_config(config):
    optimizer = config["optimizer_config"]
    shape = SGDConfig if optimizer["type"] == "sgd" else AdamWConfig
    schedule = defaults(WarmupCosineDecay) | optimizer.get("lr_scheduler", {})
    full = defaults(TrainingConfig) | config
    full["optimizer_config"] = defaults(shape) | optimizer | {"lr_scheduler": schedule}
    return [broken.message for broken in broken_rules(full)]
