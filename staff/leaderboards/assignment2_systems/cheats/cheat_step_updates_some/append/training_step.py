honest_step = training_step


def training_step(shape, state, tokens, targets):
    """What is near the input learns nothing."""
    loss, after = honest_step(shape, state, tokens, targets)
    same = {name: tensor for name, tensor in state.parameters.items() if name.startswith("layers.0.")}
    return loss, State({**after.parameters, **same}, after.first_moments, after.second_moments, after.number)
