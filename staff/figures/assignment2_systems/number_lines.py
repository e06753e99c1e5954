"""The numbers from 0 to 8 of three short formats, as ticks on a line each.

`python -m staff.figures.assignment2_systems.number_lines` draws it again.
"""

from staff.figures.canvas import Canvas, Colour

LEFT, RIGHT, LAST = 150.0, 750.0, 8.0

# name, mantissa bits, exponent of the smallest normal number, largest number, colour
FORMATS: tuple[tuple[str, int, int, float, Colour], ...] = (
    ("E2M1 (4 bits)", 1, 0, 6.0, "orange"),
    ("E5M2 (8 bits)", 2, -14, 57344.0, "green"),
    ("E4M3 (8 bits)", 3, -6, 448.0, "blue"),
)


def place(value: float) -> float:
    """Where a number lies on the page."""
    return LEFT + (RIGHT - LEFT) * value / LAST


def numbers(mantissa_bits: int, lowest: int, largest: float) -> list[float]:
    """The numbers of a format from 0 to 8; of the many close to 0 those that are told apart on the page."""
    found, value = [0.0], 0.0
    while value < min(largest, LAST):
        power = lowest
        while 2.0 ** (power + 1) <= value:
            power += 1
        value += 2.0 ** (max(power, lowest) - mantissa_bits)
        if place(value) - place(found[-1]) >= 1.5:
            found.append(value)
    return found


def draw() -> Canvas:
    """Three lines of ticks over one scale, and how 2.5 and 5 are rounded in four bits."""
    canvas = Canvas(
        800,
        300,
        title="Numbers of three short formats",
        text="Ticks for the numbers from 0 to 8. E2M1 has 0, 0.5, 1, 1.5, 2, 3, 4 and 6. E5M2 has four numbers "
        "from one power of two to the next, E4M3 eight. Past each power of two the spacing doubles.",
    )
    for power in (1, 2, 4, 8):
        canvas.line([(place(power), 36), (place(power), 246)], colour="rule", dashed=True, width=1)
    for row, (name, mantissa_bits, lowest, largest, colour) in enumerate(FORMATS):
        y = 92.0 + 66 * row
        canvas.label(LEFT - 14, y, name, anchor="end", size=14, bold=True, colour=colour)
        canvas.line([(LEFT, y), (RIGHT, y)], colour="muted", width=1.2)
        height = 13 if row == 0 else 10
        for value in numbers(mantissa_bits, lowest, largest):
            canvas.line([(place(value), y - height), (place(value), y + height)], colour=colour, width=1.8)
    for value, goal in ((2.5, 2.0), (5.0, 4.0), (7.5, 6.0)):
        start, end = place(value), place(goal)
        canvas.circle(start, 92, 3.5, colour="ink", solid=True)
        canvas.line([(start, 88), (start - 6, 64), (end + 8, 64), (end + 1, 77)], arrow=True, width=1.3)
        canvas.label((start + end) / 2, 52, f"{value:g} → {goal:g}", size=12)
    for value in (0, 1, 2, 3, 4, 5, 6, 7, 8):
        canvas.label(place(value), 264, str(value), colour="muted", size=13)
    canvas.label(
        (LEFT + RIGHT) / 2, 286, "ties go to the even mantissa; beyond the largest number E2M1 saturates", size=13
    )
    return canvas


if __name__ == "__main__":
    print(draw().write("assignment2_systems/number_lines"))
