"""The DPO loss of one comparison in double precision, with its gradients, from logits taken in the trusted process."""

import torch

from assignment5_alignment import models
from assignment5_alignment.tests.instructions import pieces

WHO = "run_compute_per_instance_dpo_loss"
PAIRS = [
    ("Name a river.", "The Oka is a river.", "No."),
    ("Add 2 and 5.", "7", "It is hard to say what that would be, as nobody knows."),
    ("Say {response} in other words, or {prompt}.", "Gladly: {prompt}", "{response}"),
]


def shifted(draw, scale=0.05):
    """The small model's weights with noise on them: a policy some way off its reference."""
    return {
        name: tensor + draw.normal(*tensor.shape, scale=scale) for name, tensor in models.weights("tiny-gpt2").items()
    }


def expected_loss(tokenizer, weights, reference_weights, beta, prompt, responses, ending=""):
    """(loss, gradients by the names of the model's parameters), by the definition, in float64.

    `ending` is what the template has after the response.
    """
    lm = models.causal_lm("tiny-gpt2", weights).double()
    reference = models.causal_lm("tiny-gpt2", reference_weights).double()
    chosen, rejected = pieces(tokenizer, [(prompt, response + ending) for response in responses])
    ratios = [log_prob(lm, ids) - log_prob(reference, ids).detach() for ids in (chosen, rejected)]
    loss = torch.log1p(torch.exp(-beta * (ratios[0] - ratios[1])))
    loss.backward()
    return loss.detach(), {name: parameter.grad for name, parameter in lm.named_parameters()}


def log_prob(model, ids):
    """Log-probability of all tokens but the first."""
    log_probs = model(torch.tensor([ids[:-1]])).logits[0].log_softmax(dim=-1)
    return log_probs[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].sum()


def check_loss(check, drivers, tokenizer, weights, reference_weights, beta, pair):
    """Loss and every gradient; what was brought back."""
    prompt, *responses = pair
    loss, gradients = expected_loss(tokenizer, weights, reference_weights, beta, prompt, responses)
    found = drivers.dpo_loss(tokenizer, weights, reference_weights, beta, prompt, tuple(responses))
    who = f"{WHO} with {tokenizer}, beta = {beta:.3g},"
    # Log-probabilities of whole texts are hundreds, and a small loss has the rounding of their differences in it.
    check.close(found["loss"], loss, rtol=2e-3, who=who, dtype=torch.float32)
    check_gradients(check, found["gradients"], gradients, who)
    check.that(
        found["reference_touched"] is False,
        f"{who} changed a model, its mode, or gave lm_ref a gradient; expected it to leave both as they are",
    )
    return found


def check_either_loss(check, drivers, tokenizer, weights, reference_weights, beta, pair):
    """Loss and every gradient, as they are with or without a line end after the response.

    The public course's template is a file, with a line end as its last character, and its handout leaves open whether that is
    part of the text.
    """
    prompt, *responses = pair
    found = drivers.dpo_loss(tokenizer, weights, reference_weights, beta, prompt, tuple(responses))
    who = f"{WHO} with {tokenizer}, beta = {beta:.3g},"
    scalar = (
        isinstance(found["loss"], torch.Tensor) and found["loss"].dtype is torch.float32 and found["loss"].ndim == 0
    )
    check.that(scalar, f"{who} returned no float32 scalar; expected one")
    known = [
        expected_loss(tokenizer, weights, reference_weights, beta, prompt, responses, ending) for ending in ("", "\n")
    ]
    loss, gradients = min(known, key=lambda expected: abs(float(expected[0]) - float(found["loss"])))
    check.close(found["loss"], loss, rtol=2e-3, who=who, dtype=torch.float32)
    check_gradients(check, found["gradients"], gradients, who)


def check_gradients(check, found, gradients, who):
    """Those by all parameters of the model, as one."""
    check.that(
        isinstance(found, dict) and found.keys() == gradients.keys(),
        f"{who} returned a loss that no gradient flows through; expected it to be differentiable in lm",
    )
    mine, theirs = (torch.cat([grads[name].flatten().double() for name in gradients]) for grads in (found, gradients))
    check.close(mine, theirs, rtol=3e-3, who=f"{who}: the gradient by the parameters of lm")
