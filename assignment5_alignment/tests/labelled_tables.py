"""Log-probabilities of labels under models whose logits are known: in float64, written down once more."""

import torch

WHO = "run_get_response_log_probs"


def drawn(draw, rows=4, length=6, vocabulary=9, scale=2.0):
    """A model's two tables, and input ids and labels that are not each other's neighbours."""
    table, places = draw.normal(vocabulary, vocabulary, scale=scale), draw.normal(length, vocabulary)
    ids, labels = draw.integers(0, vocabulary, rows, length), draw.integers(0, vocabulary, rows, length)
    return table, places, ids, labels


def known(logits, labels):
    """Log-probabilities of the labels, and entropies, of these logits."""
    shifted = logits - logits.amax(dim=-1, keepdim=True)
    log_probs = shifted - shifted.exp().sum(dim=-1, keepdim=True).log()
    chosen = log_probs.gather(-1, labels[..., None])[..., 0]
    return chosen, -(log_probs.exp() * log_probs).sum(dim=-1)


def part(check, found, key, kind):
    """What came back under a key: from where the student's code runs, so that it may be anything."""
    value = found[key]
    check.that(isinstance(value, kind), f"{WHO}: {key} came back as {type(value).__name__}; expected {kind.__name__}")
    return value


def check_table(drivers, check, table, places, ids, labels, *, rtol=1e-4, hint="", tiny_entropies=False):
    """Values, with entropies and without; where all entropies are tiny, only that they are counts."""
    none = {"log_probs": torch.zeros(0)}
    found = drivers.table_log_probs(table, places, ids, labels, False, none)
    chosen, entropy = known(table.double()[ids] + places.double()[: ids.shape[1]], labels)
    values = part(check, found, "values", dict)
    check.close(values["log_probs"], chosen, rtol=rtol, dtype=torch.float32, who=f"{WHO}, log_probs,", hint=hint)
    values = part(check, drivers.table_log_probs(table, places, ids, labels, True, none), "values", dict)
    check.close(values["log_probs"], chosen, rtol=rtol, dtype=torch.float32, who=f"{WHO}, log_probs,", hint=hint)
    got, one = values["token_entropy"], 0.0
    fits = isinstance(got, torch.Tensor) and got.dtype == torch.float32 and got.shape == entropy.shape
    check.that(fits, f"{WHO} returned no float32 token_entropy of the shape {tuple(entropy.shape)}")
    if tiny_entropies:  # the difference of two large numbers, of which float32 knows no more than their last bits
        one = 1.0
    check.close(
        got + one, entropy + one, rtol=rtol, dtype=torch.float32, constant=tiny_entropies,
        who=f"{WHO}, token_entropy,", hint=hint,
    )  # fmt: skip


def check_gradient(drivers, check, table, places, ids, labels, cotangent, entropy):
    """The gradient of sum(log_probs * cotangent) by both tables of the model."""
    found = drivers.table_log_probs(table, places, ids, labels, entropy, {"log_probs": cotangent})
    leaves = [tensor.double().requires_grad_() for tensor in (table, places)]
    chosen, _ = known(leaves[0][ids] + leaves[1][: ids.shape[1]], labels)
    (chosen * cotangent.double()).sum().backward()
    for name, leaf in zip(("table", "places"), leaves, strict=True):
        gradient = part(check, found, "gradients", dict)[name]
        check.that(gradient is not None, f"{WHO} returned log_probs from which no gradient flows back into the model")
        check.close(gradient, leaf.grad, rtol=1e-4, dtype=torch.float32, who=f"{WHO}, the gradient of log_probs,")
