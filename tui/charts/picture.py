"""The curves of a training as a drawing in SVG, to stand inside a page. Every text in it is a number or our own."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from .curves import LOSS, Curves, Look
from .plot_area import Floats, View
from .scales import nice_ticks, tick_label
from .traces import Line, Trace, axis_of, last_step_of

WIDTH, HEIGHT = 760, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 34, 36
"""Room around the plot: labels, legend, axis."""
_POINTS = 400
"""Points of the training's line."""
_LEGEND = (("train", "training loss"), ("valid", "validation"), ("best", "best epoch"), ("ngram", "n-gram model"))


def picture(curves: Curves) -> str:
    """Return an ``svg`` element, styled by its classes; nothing where there is no curve."""
    curves = replace(curves, total_steps=None)
    look = Look(series=LOSS)
    last_step = last_step_of(curves)
    trace = Trace(curves, look, axis_of(curves, look, last_step), last_step)
    line, points = trace.line(0, trace.end, _POINTS), trace.validation()
    heights = np.concatenate([line.values, points[1]])
    if not len(heights):
        return ""
    ngram = curves.ngram_loss if curves.ngram_loss is not None and math.isfinite(curves.ngram_loss) else None
    low, high = float(heights.min()), float(heights.max())
    low, high = (low, high) if ngram is None else (min(low, ngram), max(high, ngram))
    room = 0.05 * (high - low) or 0.5
    view = View(0.0, max(trace.end, 1e-9), low - room, high + room)
    best = curves.best_step
    opening = f'<svg class="curves" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="Loss by {trace.scale.axis}">'
    parts = [
        opening,
        *_axes(view, trace),
        *_band(view, line),
        _polyline(view, line.places, line.values, "train"),
        "" if ngram is None else f'<path class="ngram" d="M{_LEFT} {_y(view, ngram):.1f}H{WIDTH - _RIGHT}"/>',
        *(
            f'<circle class="valid" cx="{_x(view, x):.1f}" cy="{_y(view, y):.1f}" r="3"/>'
            for x, y in zip(*points, strict=True)
        ),
    ]
    if best is not None and curves.best_loss is not None:
        x, y = _x(view, float(trace.scale.of(np.array([best]))[0])), _y(view, curves.best_loss)
        parts.append(f'<path class="best" d="M{x - 7:.1f} {y:.1f}l7 -7 7 7 -7 7z"/>')
    shown = {"train": len(line.values), "valid": len(points[0]), "best": best is not None, "ngram": ngram is not None}
    return "".join([*parts, *_legend([entry for entry in _LEGEND if shown[entry[0]]]), "</svg>"])


def _x(view: View, place: float) -> float:
    return _LEFT + (place - view.left) / (view.right - view.left) * (WIDTH - _LEFT - _RIGHT)


def _y(view: View, height: float) -> float:
    return _TOP + (view.top - height) / (view.top - view.bottom) * (HEIGHT - _TOP - _BOTTOM)


def _points(view: View, places: Floats, heights: Floats) -> str:
    pairs = zip(places.tolist(), heights.tolist(), strict=True)
    return " ".join(f"{_x(view, x):.1f},{_y(view, min(max(y, view.bottom), view.top)):.1f}" for x, y in pairs)


def _polyline(view: View, places: Floats, heights: Floats, name: str) -> str:
    return f'<polyline class="{name}" points="{_points(view, places, heights)}"/>' if len(places) else ""


def _band(view: View, line: Line) -> list[str]:
    if line.spread is None:
        return []
    around = np.concatenate([line.values - line.spread, (line.values + line.spread)[::-1]])
    places = np.concatenate([line.places, line.places[::-1]])
    return [f'<polygon class="band" points="{_points(view, places, around)}"/>']


def _axes(view: View, trace: Trace) -> list[str]:
    ticks = nice_ticks(view.bottom, view.top, 6)
    parts = [
        f'<path class="grid" d="M{_LEFT} {_y(view, tick):.1f}H{WIDTH - _RIGHT}"/>'
        f'<text class="y" x="{_LEFT - 6}" y="{_y(view, tick) + 4:.1f}">{tick_label(tick, ticks, log=False)}</text>'
        for tick in ticks
    ]
    parts += [
        f'<text class="x" x="{_x(view, tick):.1f}" y="{HEIGHT - 18}">{trace.scale.label(tick)}</text>'
        for tick in nice_ticks(view.left, view.right, 8)
        if tick == round(tick)
    ]
    return [*parts, f'<text class="x" x="{(WIDTH + _LEFT) / 2:.0f}" y="{HEIGHT - 3}">{trace.scale.axis}</text>']


def _legend(entries: list[tuple[str, str]]) -> list[str]:
    parts: list[str] = []
    for place, (name, label) in enumerate(entries):
        x = _LEFT + 6 + 150 * place
        mark = {
            "train": f'<path class="train" d="M{x} 16h20"/>',
            "ngram": f'<path class="ngram" d="M{x} 16h20"/>',
            "valid": f'<circle class="valid" cx="{x + 10}" cy="16" r="3"/>',
            "best": f'<path class="best" d="M{x + 3} 16l7 -7 7 7 -7 7z"/>',
        }[name]
        parts.append(f'{mark}<text x="{x + 26}" y="20">{label}</text>')
    return parts
