"""One self-contained SVG of runs: what improved over the steps, a colour a name, a line a seed, a panel a quantity."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from assignment5_alignment.experiments.runs import Run

COLOURS = ("#1f5f9f", "#a34a0a", "#24703f", "#63459b", "#8a6d00", "#a3123f", "#00706f", "#5d6673", "#7a4a2b", "#3f3fbf")
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 820, 420, 60, 560, 30, 370


def drawing(runs: Sequence[Run]) -> str:
    """The SVG of all runs, those that show the same quantity in one panel; a run without a curve is in its legend alone."""
    quantities = list(dict.fromkeys(run.shown for run in runs))
    height = HEIGHT * max(1, len(quantities))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#fdfdfc"/>',
    ]
    for number, quantity in enumerate(quantities):
        panel = _panel([run for run in runs if run.shown == quantity], quantity)
        parts += [f'<g transform="translate(0 {number * HEIGHT})">', *panel, "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _panel(runs: Sequence[Run], quantity: str) -> list[str]:
    names = list(dict.fromkeys(run.name for run in runs))
    longest = max(len(run.curve) for run in runs)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = BOTTOM - share * (BOTTOM - TOP)
        parts.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:g}" y2="{y:g}" stroke="#c3c8cf"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:g}" text-anchor="end">{share:g}</text>')
    parts.append(
        f'<text x="{(LEFT + RIGHT) / 2:g}" y="{BOTTOM + 30}" text-anchor="middle">step (1 to {longest})</text>'
    )
    parts.append(f'<text x="{LEFT - 40}" y="{TOP - 12}">{escape(quantity)}</text>')
    for run in (run for run in runs if run.curve):
        colour = COLOURS[names.index(run.name) % len(COLOURS)]
        points = " ".join(
            f"{LEFT + place * (RIGHT - LEFT) / max(1, longest - 1):.1f},{BOTTOM - value * (BOTTOM - TOP):.1f}"
            for place, value in enumerate(run.curve)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    for number, name in enumerate(names):
        own = [run for run in runs if run.name == name]
        before, after = (sum(values) / len(own) for values in ([r.before for r in own], [r.after for r in own]))
        y, colour = TOP + 24 * number + 8, COLOURS[number % len(COLOURS)]
        text = escape(f"{name}: {before:.2f} to {after:.2f}")
        parts.append(f'<rect x="{RIGHT + 20}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{RIGHT + 40}" y="{y}">{text}</text>')
    return parts
