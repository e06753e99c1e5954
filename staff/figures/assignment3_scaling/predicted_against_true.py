"""What the law says of a hundred runs against what was measured: most agree, eight were spoilt.

`python -m staff.figures.assignment3_scaling.predicted_against_true` draws it again.
"""

from assignment3_scaling.data import runs_of
from assignment3_scaling.data.sets import SETS
from staff.figures.canvas import Canvas
from staff.figures.log_axes import Axes

WIDTH, HEIGHT = 860, 430
AXES = Axes(left=84, right=420, top=62, bottom=362, x=(2, 9), y=(2, 9), log_x=False)
SPOILT = 0.1


def draw() -> Canvas:
    """The diagonal, and a dot a run: orange where the measured loss is more than 0.1 away."""
    canvas = Canvas(
        WIDTH,
        HEIGHT,
        title="Predicted against measured loss",
        text="A hundred runs with their measured loss across and the law's loss upwards. Nearly all lie on the diagonal; eight "
        "lie to the right of it, with a measured loss that is too high.",
    )
    AXES.draw(canvas, range(2, 10), range(2, 10), "measured loss", "loss by the law")
    canvas.line([AXES.place(2, 2), AXES.place(9, 9)], colour="muted", width=1.2)
    law = SETS["runs_scattered"].law
    for run in runs_of("runs_scattered"):
        predicted, measured = law.loss(run["parameters"], run["tokens"]), run["final_loss"]
        spoilt = abs(predicted - measured) > SPOILT
        place = AXES.place(measured, predicted)
        canvas.circle(*place, 4 if spoilt else 2.6, colour="orange" if spoilt else "blue", solid=True)
    words = (
        ("What the eight orange runs do to a fit", True),
        ("In a sum of squares of ln L they pull ten times as", False),
        ("hard as the other ninety-two runs together.", False),
        ("In a sum of Huber losses they pull a seventh as hard:", False),
        ("none pulls harder than a run that is off by δ.", False),
    )
    for place, (text, bold) in enumerate(words):
        canvas.label(460, 120 + 28 * place, text, size=14, anchor="start", bold=bold)
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment3_scaling/predicted_against_true"))
