"""Hidden: other masks, double precision, and a batch of one."""

import pytest
import torch

from assignment5_alignment.tests.length_weights import MODES, check_gradients, drawn_mask


@pytest.mark.parametrize("mode", MODES)
def test_double_precision_stays(adapters, check, draw, mode):
    check_gradients(check, adapters, drawn_mask(draw, 7, 20), draw.normal(7, dtype=torch.float64), mode)


@pytest.mark.parametrize("mode", MODES)
def test_one_response(adapters, check, draw, mode):
    mask = torch.tensor([[False, False, True, True, True, False]])
    check_gradients(check, adapters, mask, draw.uniform(1, low=1, high=3), mode)


@pytest.mark.parametrize("mode", MODES)
def test_masks_with_gaps(adapters, check, draw, mode):
    """Tokens of a tool's output lie amid a response, and are not trained on."""
    check_gradients(
        check, adapters, draw.boolean(6, 15, p=0.6) | (torch.arange(15) == 3), draw.normal(6, scale=2.0), mode
    )
