"""How much a token counts, by the length of the response it belongs to."""

import pytest
import torch

from assignment5_alignment.tests.length_weights import MODES, WHO, check_gradients, drawn_mask


@pytest.mark.parametrize(
    ("mode", "rows"), [("sequence", (1 / 4, 1 / 7)), ("constant", (1 / 7, 1 / 7)), ("token", (2 / 11, 2 / 11))]
)
def test_a_short_and_a_long_response(adapters, check, mode, rows):
    """Four tokens and seven, both with advantage 2."""
    mask = torch.tensor([[True] * 4 + [False] * 3, [True] * 7])
    expected = mask * torch.tensor(rows)[:, None]
    found = adapters.run_length_norm_gradients(mask, torch.tensor([2.0, 2.0]), mode)
    check.close(found, expected, rtol=1e-6, who=f"{WHO}, mode {mode!r},")


@pytest.mark.parametrize("mode", MODES)
def test_any_mask_with_a_row_that_has_no_token(adapters, check, draw, mode):
    for batch, width in ((2, 6), (5, 9), (3, 14)):
        check_gradients(check, adapters, drawn_mask(draw, batch, width), draw.normal(batch, scale=3.0), mode)


@pytest.mark.parametrize("mode", MODES)
def test_masks_of_numbers_are_masks(adapters, check, draw, mode):
    mask = drawn_mask(draw, 4, 8)
    for dtype in (torch.int64, torch.float32):
        check_gradients(check, adapters, mask.to(dtype), draw.normal(4), mode)


@pytest.mark.parametrize("mode", MODES)
def test_without_a_single_token_there_is_no_gradient(adapters, check, mode):
    mask, advantages = torch.zeros(3, 4, dtype=torch.bool), torch.ones(3)
    check.equal(adapters.run_length_norm_gradients(mask, advantages, mode), torch.zeros(3, 4), who=f"{WHO} of no token")


def test_another_mode_is_refused(adapters, check):
    check.rejects(
        adapters.run_length_norm_gradients, torch.ones(2, 3), torch.ones(2), "mean", who=f"{WHO}, mode 'mean',"
    )
