"""Inputs drawn from a seed: the same again, of any shape, a single number too."""

import pytest
import torch

from grader.testing.draw import Draw

SHAPES = [(), (0,), (3,), (2, 0, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_tensors_have_the_shape_asked_for(shape):
    draw = Draw(336, "a test")
    assert draw.normal(*shape).shape == draw.uniform(*shape).shape == torch.Size(shape)
    assert draw.integers(0, 9, *shape).shape == draw.boolean(*shape).shape == torch.Size(shape)


def test_the_same_key_draws_the_same_and_another_draws_something_else():
    first, again, other = Draw(336, "a"), Draw(336, "a"), Draw(337, "a")
    assert first.text(200) == again.text(200) != other.text(200)
    assert torch.equal(first.normal(5, 7), again.normal(5, 7))
    assert not torch.equal(first.normal(5, 7), other.normal(5, 7))


def test_numbers_lie_where_they_should():
    draw = Draw(1)
    assert {draw.integer(2, 5) for _ in range(100)} == {2, 3, 4}
    assert all(-1 <= draw.number(-1, 1) < 1 for _ in range(100))
    assert sorted(draw.permutation(6).tolist()) == list(range(6))
    assert len(draw.text(33)) == 33
