"""Returns a promise."""


def strike(answer):
    return (answer for _ in range(1))
