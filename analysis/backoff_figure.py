#!/usr/bin/env python3
"""Draws what a sweep of backoff policies found, from its table.

usage: backoff_figure.py POINTS.csv FIGURE.svg

POINTS.csv is the table of `greytick sweep scenarios/backoff_policies.yaml`: a row a policy, times in
nanoseconds, rates a second, each with the half width of its 95 % interval.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

POLICY = "client.backoff.jitter"
SPREAD = "client.backoff.initial_spread"
BACK = "reconnected_in during service"
DIALS = "attempts.rate during service plus 1m"
LOGINS = "logins.rate during service plus 1m"

WIDTH, LABELS, PANEL, GAP = 940, 230, 290, 70
TOP, BAR, PITCH = 86, 18, 30
COLOURS = {"0s": "#c4501b", "20s": "#2c6fa6"}  # told apart by their place too
INK, FAINT = "#222222", "#d0d0d0"


@dataclass(frozen=True)
class Panel:
    """One quantity, drawn to one scale."""

    title: str
    column: str
    unit: float  # of the table, in one of the figure
    most: float
    step: float
    form: str


PANELS = (
    Panel("Until 99 % are back, s", BACK, 1e9, 40, 10, "{:.1f} s"),
    Panel("Peak of login attempts, thousands a second", DIALS, 1e3, 12, 3, "{:.2g} k/s"),
)


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows, policies in the order of the sweep, those without spread first."""
    with path.open(newline="") as table:
        rows = list(csv.DictReader(table))
    return sorted(rows, key=lambda row: row[SPREAD] != "0s")


def text(x: float, y: float, words: str, more: str = "") -> str:
    """Return one line of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{words}</text>'


def bars(rows: list[dict[str, str]], panel: Panel, left: float) -> list[str]:
    """Return the axis and the bars of one panel."""
    scale = PANEL / panel.most
    bottom = TOP + len(rows) * PITCH
    out = [text(left, TOP - 26, panel.title, 'font-weight="bold"')]
    ticks = int(panel.most / panel.step)
    for i in range(ticks + 1):
        x = left + i * panel.step * scale
        out.append(f'<path d="M{x:.1f} {TOP - 4}V{bottom}" stroke="{FAINT}"/>')
        out.append(text(x, TOP - 9, f"{i * panel.step:g}", 'font-size="11" text-anchor="middle"'))
    for i, row in enumerate(rows):
        value = float(row[panel.column]) / panel.unit
        half = float(row[panel.column + " half_width"] or 0) / panel.unit
        y = TOP + i * PITCH + (PITCH - BAR) / 2
        end = left + value * scale
        colour = COLOURS[row[SPREAD]]
        out.append(
            f'<rect x="{left:.1f}" y="{y:.1f}" width="{value * scale:.1f}" height="{BAR}" '
            f'fill="{colour}"/>'
        )
        low, high = end - half * scale, end + half * scale
        out.append(f'<path d="M{low:.1f} {y + BAR / 2:.1f}H{high:.1f}" stroke="{INK}"/>')
        out.append(text(max(end, high) + 5, y + 13, panel.form.format(value), 'font-size="12"'))
    return out


def figure(rows: list[dict[str, str]]) -> str:
    """Return the whole drawing."""
    bottom = TOP + len(rows) * PITCH
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 44}" '
        f'width="{WIDTH}" font-family="sans-serif" font-size="13" fill="{INK}" role="img">',
        "<title>Backoff policies after every connection of a service dropped at once</title>",
        f'<rect width="{WIDTH}" height="{bottom + 44}" fill="white"/>',
        text(12, 26, "Ten thousand phones lose their connection in one instant", 'font-size="16"'),
    ]
    for i, row in enumerate(rows):
        label = row[POLICY] if row[SPREAD] == "0s" else f"{row[POLICY]}, first within {row[SPREAD]}"
        y = TOP + i * PITCH + PITCH / 2 + 4
        out.append(text(LABELS - 10, y, label, 'text-anchor="end"'))
    for i, panel in enumerate(PANELS):
        out += bars(rows, panel, LABELS + i * (PANEL + GAP))
    seeds = rows[0]["seeds"]
    logins = max(float(row[LOGINS]) for row in rows)
    out.append(
        text(
            12,
            bottom + 28,
            f"Means of {seeds} seeds; the short lines are 95 % intervals. Eight gateways accept 100 "
            f"logins a second each: no policy gets more than {logins:.0f}/s through.",
            'font-size="12"',
        )
    )
    out.append("</svg>")
    return "\n".join(out) + "\n"


def main() -> int:
    """Read the table, write the figure."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    Path(sys.argv[2]).write_text(figure(read(Path(sys.argv[1]))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
