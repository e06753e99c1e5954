"""What each token weighs under three ways to average, one token at a time."""

import torch

WHO = "run_length_norm_gradients"
MODES = ("sequence", "constant", "token")


def expected_gradients(mask, advantages, mode):
    """By the definition of a mean, in Python's floats."""
    rows = [[bool(kept) for kept in row] for row in mask]
    batch, width, all_kept = len(rows), len(rows[0]), sum(map(sum, rows))
    share = {
        "sequence": lambda row: 1 / sum(row) / batch,
        "constant": lambda row: 1 / width / batch,
        "token": lambda row: 1 / all_kept,
    }[mode]
    return torch.tensor(
        [
            [float(a) * share(row) if kept else 0.0 for kept in row]
            for row, a in zip(rows, advantages.tolist(), strict=True)
        ],
        dtype=advantages.dtype,
    )


def check_gradients(check, adapters, mask, advantages, mode):
    """The adapter's against the definition's."""
    found = adapters.run_length_norm_gradients(mask, advantages, mode)
    expected = expected_gradients(mask, advantages, mode)
    alike = len(set(expected.flatten().tolist())) == 1
    check.close(found, expected, rtol=1e-6, who=f"{WHO}, mode {mode!r},", constant=alike)


def drawn_mask(draw, batch, width):
    """Prompts at the beginning, then responses of all lengths, then padding; the last row has no response at all."""
    mask = torch.zeros(batch, width, dtype=torch.bool)
    for row in mask[:-1]:
        start = draw.integer(0, width // 2)
        row[start : start + draw.integer(1, width // 2 + 1)] = True
    return mask
