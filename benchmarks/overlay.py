"""Ten long trainings in one chart: how long a picture takes while one zooms, pans and changes the series.

Each run has made-up figures of 36,000 steps and 60 epochs. A frame is everything that the chart computes and draws for
a look, in a window of 120 × 40 cells; the median and the slowest of all looks are shown. The time is the processor's on
one thread, so that what else runs on the machine does not count.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import statistics
import time

import numpy as np
from report import Row, parser, show

MOST = 50.0
RUNS, STEPS, EPOCHS = 10, 36_000, 60
SIZE = (84, 26)
"""What a window of 120 × 40 leaves to the chart."""


def main() -> None:
    options = parser(__doc__)
    args = options.parse_args()
    from jokegen.core.runs.series import SeriesBook
    from jokegen.tui.charts.curves import AXES, GAP, LETTERS, LOSS, VALIDATION, Curves, Look
    from jokegen.tui.charts.drawing import STYLES, ChartDrawing
    from rich.style import Style

    def made_up(number: int) -> Curves:
        random = np.random.default_rng(number)
        steps = np.arange(1, STEPS + 1)
        losses = 3 + number / 20 + 4 * np.exp(-steps / 4000) + random.normal(0, 0.3, STEPS)
        book = SeriesBook()
        for step, loss in zip(steps.tolist(), losses.tolist(), strict=True):
            book.take(step, {"loss": loss, "learning_rate": 0.004, "tokens": 300.0, "seconds": step * 0.05})
        ends = np.arange(1, EPOCHS + 1) * (STEPS // EPOCHS)
        valid = 3.3 + number / 20 + 4 * np.exp(-ends / 4000)
        gap = {GAP: (ends, np.full(EPOCHS, 0.3))}
        return Curves(
            book, ends, valid, STEPS, float(valid[-1]), 3.9, STEPS // EPOCHS, last_step=STEPS, now_and_then=gap,
            name=f"run {number}",
        )  # fmt: skip

    first, *others = (made_up(number) for number in range(RUNS))
    laid_over = dict(zip(LETTERS, others, strict=False))
    styles = {name: Style() for name in STYLES}
    looks = [
        Look(series=series, axis=axis, zoom=zoom, pan=pan * (1 - 1 / zoom), log=log, cursor=40)
        for series in (LOSS, VALIDATION, GAP, "learning_rate", "speed")
        for axis in AXES
        for zoom in (1.0, 2.0, 8.0, 64.0)
        for pan in (0.0, 0.5)
        for log in (False, True)
    ]
    spent: dict[str, list[float]] = {}
    for look in looks:
        began = time.process_time()
        ChartDrawing(first, look, styles, laid_over).strips(*SIZE)
        spent.setdefault(look.series, []).append(1000 * (time.process_time() - began))
    rows: list[Row] = [("series", "pictures", "median", "slowest")]
    for series, times in spent.items():
        rows.append((series, str(len(times)), f"{statistics.median(times):.1f} ms", f"{max(times):.1f} ms"))
    every = [one for times in spent.values() for one in times]
    slow = sorted(every)[int(0.95 * len(every))]
    rows.append(("all, 95 of 100 within", str(len(every)), f"{slow:.1f} ms", f"{max(every):.1f} ms"))
    show(args, f"{RUNS} runs of {STEPS:,} steps in one chart", rows, figure=slow, reference=MOST, ratio=slow / MOST)


if __name__ == "__main__":
    main()
