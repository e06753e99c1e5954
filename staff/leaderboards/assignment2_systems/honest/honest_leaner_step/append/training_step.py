KEPT = {}


def training_step(shape, state, tokens, targets):
    """The same step: no model is built, the products of a layer that share an input are one, and AdamW goes over all at once."""
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in state.parameters.items()}
    loss = F.cross_entropy(_logits(shape, leaves, tokens).flatten(0, 1), targets.flatten())
    grads = torch.autograd.grad(loss, list(leaves.values()))
    number, (beta1, beta2) = state.number + 1, BETAS
    with torch.no_grad():
        parameters = [leaf.detach() for leaf in leaves.values()]
        first = torch._foreach_lerp([state.first_moments[name] for name in leaves], grads, 1 - beta1)
        second = torch._foreach_mul([state.second_moments[name] for name in leaves], beta2)
        torch._foreach_addcmul_(second, grads, grads, 1 - beta2)
        root = torch._foreach_sqrt(second)
        torch._foreach_add_(root, EPSILON)
        torch._foreach_mul_(parameters, 1 - RATE * DECAY)
        size = RATE * (1 - beta2**number) ** 0.5 / (1 - beta1**number)
        torch._foreach_addcdiv_(parameters, first, root, -size)
    return loss.detach(), State(
        *(dict(zip(leaves, tensors, strict=True)) for tensors in (parameters, first, second)), number
    )


def _logits(shape, weights, tokens):
    heads, width, time = shape.num_heads, shape.d_model // shape.num_heads, tokens.shape[1]
    if (width, time) not in KEPT:
        angles = torch.outer(torch.arange(time).double(), 10000.0 ** (-torch.arange(0, width, 2).double() / width))
        hidden = torch.zeros(time, time).masked_fill(torch.ones(time, time).triu(1).bool(), float("-inf"))
        KEPT[width, time] = torch.polar(torch.ones_like(angles), angles).to(torch.complex64), hidden
    turn, hidden = KEPT[width, time]

    def norm(x, name):
        return F.rms_norm(x, (shape.d_model,), weights[f"{name}.weight"], 1e-5)

    def turned(x):
        return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turn).flatten(-2)

    x = F.embedding(tokens, weights["token_embeddings.weight"])
    for layer in range(shape.num_layers):
        of = f"layers.{layer}"
        stacked = torch.cat([weights[f"{of}.attn.{part}_proj.weight"] for part in "qkv"])
        q, k, v = F.linear(norm(x, f"{of}.ln1"), stacked).unflatten(-1, (3, heads, width)).permute(2, 0, 3, 1, 4)
        scores = turned(q * width**-0.5) @ turned(k.contiguous()).mT + hidden
        attended = (scores.softmax(-1) @ v).transpose(1, 2).flatten(2)
        x = x + F.linear(attended, weights[f"{of}.attn.output_proj.weight"])
        both = torch.cat([weights[f"{of}.ffn.w1.weight"], weights[f"{of}.ffn.w3.weight"]])
        gate, value = F.linear(norm(x, f"{of}.ln2"), both).chunk(2, -1)
        x = x + F.linear(F.silu(gate) * value, weights[f"{of}.ffn.w2.weight"])
    return F.linear(norm(x, "ln_final"), weights["lm_head.weight"])
