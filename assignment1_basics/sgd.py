"""Gradient descent with a falling learning rate on the simplest loss, where every step is known exactly.

The loss of the weights w_1 ... w_n is their mean square, (w_1^2 + ... + w_n^2) / n. In step k = 0, 1, ...
every weight moves by -learning_rate / sqrt(k + 1) times its gradient.
"""


def toy_sgd_loss_ratio(learning_rate: float, num_steps: int, num_weights: int) -> float:
    """The loss after num_steps steps over the loss before the first, exact to float64; 1.0 after no step.

    It does not depend on where the weights start (as long as not all are 0).
    """
    raise NotImplementedError("learning_rate_tuning: write toy_sgd_loss_ratio in assignment1_basics/sgd.py")


def classify_learning_rate(learning_rate: float, baseline: float, num_steps: int, num_weights: int) -> str:
    """How `learning_rate` does against the learning rate `baseline` in num_steps steps.

    "diverges": its loss is greater after these steps than before. Otherwise "faster" if its loss is then less
    than that of `baseline`, and "slower" if not.
    """
    raise NotImplementedError("learning_rate_tuning: write classify_learning_rate in assignment1_basics/sgd.py")
