import math
from dataclasses import replace

import numpy as np
import pytest
from jokegen.tui.charts.curves import Curves
from jokegen.tui.charts.plot_area import PlotArea, View, column_ranges, log_ticks, moving_average, nice_ticks
from jokegen.tui.widgets.chart import LossChart
from textual.app import App, ComposeResult


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LossChart()


def falling(steps: int = 600) -> Curves:
    x = np.arange(1, steps + 1)
    losses = 3 + 4 * np.exp(-x / 100) + np.random.default_rng(0).normal(0, 0.1, steps)
    valid_steps = np.arange(100, steps + 1, 100)
    valid = 3.3 + 4 * np.exp(-valid_steps / 100)
    return Curves(x, losses, valid_steps, valid, int(valid_steps[-1]), float(valid[-1]), 3.5, 100, None, 4.7)


def text_of(chart: LossChart) -> str:
    return "\n".join(chart.render_line(y).text for y in range(chart.size.height))


async def test_each_series_has_a_shape_of_its_own():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(falling())
        await pilot.pause()
        text = text_of(chart)
        assert text.count("●") == 5 + 1
        assert text.count("★") == 1 + 1
        assert text.count("╍╍") > 8
        assert any(0x2800 < ord(character) < 0x2900 for character in text)
        assert "epoch" in text.splitlines()[-1]
        assert all(len(line) <= 80 for line in text.splitlines())


async def test_metrics_show_the_same_curve_in_other_units():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(falling())
        await pilot.pause()
        chart.next_metric()
        assert "1,000" in text_of(chart)
        assert "log" in chart.description
        chart.next_metric()
        assert "bits per character" in chart.description
        chart.next_metric()
        assert chart.metric == "loss"


@pytest.mark.parametrize(
    "losses",
    [[], [5.0], [5.0] * 50, [math.nan] * 9, [math.inf, 5.0, -math.inf, 4.0], [0.0] * 5, [1e300, 5.0], [800.0] * 70],
    ids=["nothing", "one", "constant", "nan", "inf", "zero", "huge", "exploded"],
)
async def test_no_curve_breaks_the_chart(losses: list[float]):
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(LossChart)
        steps, nothing = np.arange(1, len(losses) + 1), np.zeros(0)
        chart.show(Curves(steps, np.array(losses, dtype=float), nothing.astype(int), nothing, ngram_loss=math.nan))
        for _ in range(3):
            for _ in range(2):
                chart.toggle_log()
                await pilot.pause()
                assert "train" in text_of(chart)
            chart.next_metric()


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (12, 5), (200, 60)])
async def test_no_size_breaks_the_chart(size: tuple[int, int]):
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        chart = app.query_one(LossChart)
        chart.show(falling())
        await pilot.pause()
        assert all(len(line) <= max(size[0], 1) for line in text_of(chart).splitlines())


async def test_zoom_looks_at_the_latest_steps_and_outlives_new_data():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(LossChart)
        chart.show(falling())
        await pilot.pause()
        whole = text_of(chart)
        chart.zoom(3)
        assert "zoom 3.0×" in chart.description
        assert text_of(chart).splitlines()[-1] != whole.splitlines()[-1]
        chart.show(falling(700))
        assert "zoom 3.0×" in chart.description
        chart.pan(-1)
        chart.reset_zoom()
        chart.show(falling())
        assert text_of(chart) == whole


async def test_the_end_of_the_axis_stands_still_while_a_training_goes_on():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(LossChart)
        axes = []
        for steps in (520, 560, 600):
            curves = falling(steps)
            chart.show(replace(curves, total_steps=2000))
            await pilot.pause()
            axes.append(text_of(chart).splitlines()[-1])
        assert len(set(axes)) == 1


def test_a_column_knows_its_lowest_and_highest_value():
    low, high = column_ranges(np.array([0.0, 1, 2, 3]), np.array([5.0, 1, 7, 2]), np.array([0.0, 2, 4]))
    assert low.tolist() == [1, 2]
    assert high.tolist() == [5, 7]


def test_columns_between_points_are_interpolated_and_those_outside_are_empty():
    low, high = column_ranges(np.array([1.0, 9.0]), np.array([0.0, 8.0]), np.linspace(-2, 12, 8))
    assert np.isnan(low[0])
    assert np.isnan(low[-1])
    assert np.allclose(low[2:5], [2, 4, 6])
    assert np.array_equal(low[1:-1], high[1:-1])


def test_a_steep_line_has_no_gaps():
    area = PlotArea(10, 5, View(0, 10, 0, 1))
    area.line(np.array([0.0, 5.0, 5.5, 10.0]), np.array([1.0, 1.0, 0.0, 0.0]), 4)
    drawn = area.owners == 4
    assert drawn.any(axis=0).all()
    assert drawn.any(axis=1).all()


def test_the_smooth_line_follows_a_straight_one_and_looks_back_at_the_end():
    values = np.concatenate([np.full(50, 5.0), np.full(50, 3.0)])
    smooth = moving_average(values, 20)
    assert len(smooth) == 100
    assert smooth[0] == 5
    assert smooth[-1] == 3
    assert smooth.min() >= 3
    assert smooth.max() <= 5


def test_ticks_are_round_and_inside():
    assert nice_ticks(2.9, 7.2, 4) == [4.0, 6.0]
    assert nice_ticks(0, 1000, 5) == [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]
    assert nice_ticks(1, 1, 5) == []
    assert [round(10**tick) for tick in log_ticks(1, 3, 4)] == [10, 100, 1000]
    assert all(1.3 <= tick <= 1.5 for tick in log_ticks(1.3, 1.5, 4))
