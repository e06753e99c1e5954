"""Counts in C: no other thread runs meanwhile, and no handler of a signal."""

import itertools


def strike(answer):
    sum(itertools.repeat(1, 8 * 10**9))
    return answer
