"""Hidden: larger vocabularies, longer texts, rewards of the last token alone."""

import torch

from assignment5_alignment.tests.surrogates import check_surrogate, drawn_policy, drawn_rewards


def test_more_tokens(drivers, check, draw):
    pi, pi0 = drawn_policy(draw, 5, 2), drawn_policy(draw, 5, 2)
    for k in (1, 2):
        check_surrogate(check, drivers, pi, pi0, drawn_rewards(draw, 5, 2), k)


def test_longer_texts(drivers, check, draw):
    pi, pi0 = drawn_policy(draw, 2, 5), drawn_policy(draw, 2, 5)
    for k in (1, 2, 4):
        check_surrogate(check, drivers, pi, pi0, drawn_rewards(draw, 2, 5), k)


def test_rewards_of_one_text_alone(drivers, check, draw):
    rewards = torch.zeros(2, 2, 2, 2, dtype=torch.float64)
    rewards[1, 0, 1, 1] = 3.0
    pi, pi0 = drawn_policy(draw, 2, 4), drawn_policy(draw, 2, 4)
    for k in (1, 2, 3):
        check_surrogate(check, drivers, pi, pi0, rewards, k)
