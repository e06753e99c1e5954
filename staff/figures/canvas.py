"""A drawing surface that writes one self-contained SVG: boxes, arrows, text, in the course's colours.

Every figure carries its own background, so it is legible on any page, and a dark set of the same colours
for readers whose system asks for one. The output is a pure function of the drawing (no dates, no random
ids), so a test can compare the file in `docs/figures/` with what the code draws today.

Covered: what the handouts' figures need. Not covered: layout. Coordinates are the caller's, in pixels, with
y downwards.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "figures"

Colour = Literal["ink", "muted", "rule", "blue", "orange", "green", "purple"]
Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

# name: (light line, light fill, dark line, dark fill)
_PALETTE: dict[str, tuple[str, str, str, str]] = {
    "ink": ("#1f2430", "#eceef1", "#e6e8eb", "#2a2f37"),
    "muted": ("#5d6673", "#f3f4f6", "#a4adb8", "#20242b"),
    "rule": ("#c3c8cf", "#f7f7f5", "#4a525d", "#1b1f25"),
    "blue": ("#1f5f9f", "#dce9f7", "#86baee", "#1b3149"),
    "orange": ("#a34a0a", "#fbe5d2", "#f0a36b", "#46290f"),
    "green": ("#24703f", "#daf0e1", "#79cf97", "#16371f"),
    "purple": ("#63459b", "#e9e1f6", "#bda3ec", "#322450"),
}
_BACKGROUND = ("#fdfdfc", "#14171b")


def _style() -> str:
    def rules(line: int, fill: int, background: str) -> str:
        parts = [f".page{{fill:{background}}}"]
        for name, shades in _PALETTE.items():
            parts.append(f".l-{name}{{stroke:{shades[line]}}}")
            parts.append(f".t-{name},.h-{name}{{fill:{shades[line]}}}")
            parts.append(f".f-{name}{{fill:{shades[fill]}}}")
        return "".join(parts)

    fonts = (
        "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif}"
        ".mono{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    )
    dark = rules(2, 3, _BACKGROUND[1])
    return f"{fonts}{rules(0, 1, _BACKGROUND[0])}@media(prefers-color-scheme:dark){{{dark}}}"


def _words(text: str) -> str:
    """`text` for SVG, with `d_model` or `W_Q` set as a subscript."""
    plain, *rest = re.split(r"_(\w+)", escape(text))
    for low, after in zip(rest[::2], rest[1::2], strict=True):
        plain += f'<tspan dy="0.28em" font-size="0.76em">{low}</tspan>'
        plain += f'<tspan dy="-0.21em">{after}</tspan>' if after else ""
    return plain


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


class Canvas:
    """Shapes in the order drawn. `title` and `text` are what a screen reader says."""

    def __init__(self, width: int, height: int, *, title: str, text: str) -> None:
        self._head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-labelledby="title text">\n'
            f'<title id="title">{escape(title)}</title>\n<desc id="text">{escape(text)}</desc>\n'
            f"<style>{_style()}</style>\n"
        )
        self._parts = [f'<rect class="page" width="{width}" height="{height}" rx="10"/>']

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        label: str = "",
        *,
        colour: Colour = "ink",
        size: float = 14,
        mono: bool = False,
        dashed: bool = False,
        radius: float = 6,
    ) -> None:
        """A rounded rectangle with its label in the middle; a line break in the label starts a new line."""
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<rect class="f-{colour} l-{colour}" x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" '
            f'height="{_number(height)}" rx="{_number(radius)}" stroke-width="1.3"{dash}/>'
        )
        lines = label.split("\n") if label else []
        for index, line in enumerate(lines):
            middle = y + height / 2 + (index - (len(lines) - 1) / 2) * size * 1.3
            self.label(x + width / 2, middle, line, size=size, mono=mono)

    def label(
        self,
        x: float,
        y: float,
        words: str,
        *,
        colour: Colour = "ink",
        size: float = 14,
        anchor: Anchor = "middle",
        mono: bool = False,
        bold: bool = False,
        italic: bool = False,
    ) -> None:
        """One line of text, centred on `y`; outside `mono`, `_word` is a subscript."""
        style = ' font-weight="600"' if bold else ""
        style += ' font-style="italic"' if italic else ""
        kind = f"t-{colour} mono" if mono else f"t-{colour}"
        place = f'x="{_number(x)}" y="{_number(y + size * 0.35)}" text-anchor="{anchor}"'
        font = f'font-size="{_number(size)}"{style}'
        content = escape(words) if mono else _words(words)
        self._parts.append(f'<text class="{kind}" {place} {font} xml:space="preserve">{content}</text>')

    def line(
        self,
        points: Sequence[Point],
        *,
        colour: Colour = "ink",
        width: float = 1.5,
        dashed: bool = False,
        arrow: bool = False,
    ) -> None:
        """A line through `points`; with `arrow`, a head at the last one."""
        points = list(points)
        if arrow:
            (x0, y0), (x1, y1) = points[-2], points[-1]
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            ux, uy = (x1 - x0) / length, (y1 - y0) / length
            head, half = 4 + 2.6 * width, 2 + 1.4 * width
            base = (x1 - head * ux, y1 - head * uy)
            corners = [
                (x1, y1),
                (base[0] - half * uy, base[1] + half * ux),
                (base[0] + half * uy, base[1] - half * ux),
            ]
            shape = " ".join(f"{_number(x)},{_number(y)}" for x, y in corners)
            self._parts.append(f'<polygon class="h-{colour}" points="{shape}"/>')
            points[-1] = base
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        dash = ' stroke-dasharray="5 4"' if dashed else ""
        self._parts.append(
            f'<polyline class="l-{colour}" points="{path}" fill="none" stroke-width="{_number(width)}" '
            f'stroke-linejoin="round"{dash}/>'
        )

    def circle(self, x: float, y: float, radius: float, *, colour: Colour = "rule", solid: bool = False) -> None:
        """A circle: outlined and lightly filled, or a solid dot."""
        kind = f"h-{colour}" if solid else f"f-{colour} l-{colour}"
        place = f'cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}"'
        self._parts.append(f'<circle class="{kind}" {place} stroke-width="1.2"/>')

    def svg(self) -> str:
        """The whole file."""
        return self._head + "\n".join(self._parts) + "\n</svg>\n"

    def write(self, name: str, folder: Path = FOLDER) -> Path:
        """Write `<folder>/<name>.svg` and say where."""
        path = folder / f"{name}.svg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.svg(), encoding="utf-8", newline="\n")
        return path
