import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jokegen.core.runs.series import SeriesBook
from jokegen.tui.charts.curves import GAP, Curves, Look
from jokegen.tui.charts.drawing import STYLES
from jokegen.tui.charts.legend import Entry, legend
from jokegen.tui.charts.plot_area import Owner, PlotArea, View, column_ranges, moving_average
from jokegen.tui.charts.scales import log_ticks, nice_ticks, tick_label
from jokegen.tui.charts.traces import Trace
from jokegen.tui.widgets.chart import RunChart
from rich.style import Style
from textual.app import App, ComposeResult


class ChartApp(App[None]):
    def compose(self) -> ComposeResult:
        yield RunChart()


def book_of(losses, **others) -> SeriesBook:
    book = SeriesBook()
    for step, loss in enumerate(losses, 1):
        values = {name: float(series[step - 1]) for name, series in others.items()}
        book.take(step, {"loss": float(loss), **values})
    return book


def falling(steps: int = 600) -> Curves:
    x = np.arange(1, steps + 1)
    losses = 3 + 4 * np.exp(-x / 100) + np.random.default_rng(0).normal(0, 0.1, steps)
    valid_steps = np.arange(100, steps + 1, 100)
    valid = 3.3 + 4 * np.exp(-valid_steps / 100)
    book = book_of(losses, learning_rate=0.01 / x, seconds=x * 0.5, tokens=np.full(steps, 300.0))
    return Curves(book, valid_steps, valid, int(valid_steps[-1]), float(valid[-1]), 3.5, 100, None, 4.7, steps)


def text_of(chart: RunChart) -> str:
    return "\n".join(chart.render_line(y).text for y in range(chart.size.height))


async def test_each_series_has_a_shape_of_its_own():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(RunChart)
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
        chart = app.query_one(RunChart)
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
        chart = app.query_one(RunChart)
        nothing = np.zeros(0)
        source = book_of(losses)
        chart.show(Curves(source, nothing.astype(int), nothing, ngram_loss=math.nan, last_step=len(losses)))
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
        chart = app.query_one(RunChart)
        chart.show(falling())
        await pilot.pause()
        assert all(len(line) <= max(size[0], 1) for line in text_of(chart).splitlines())


async def test_zoom_looks_at_the_latest_steps_and_outlives_new_data():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(RunChart)
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
        chart = app.query_one(RunChart)
        axes = []
        for steps in (520, 560, 600):
            curves = falling(steps)
            chart.show(replace(curves, total_steps=2000))
            await pilot.pause()
            axes.append(text_of(chart).splitlines()[-1])
        assert len(set(axes)) == 1


async def test_any_series_is_drawn_over_epochs_steps_time_or_tokens():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(RunChart)
        chart.show(falling())
        await pilot.pause()
        names, axes = [], []
        for _ in range(4):
            axes.append(text_of(chart).splitlines()[-1].split())
            chart.next_axis()
        assert [axis[0] for axis in axes] == ["epoch", "step", "time", "tokens"]
        assert "6" in axes[0]
        assert "600" in axes[1]
        assert "5:00" in axes[2]  # 600 steps of half a second
        assert "180k" in axes[3] or "150k" in axes[3]
        for _ in range(3):
            names.append(chart.description)
            chart.next_series()
            await pilot.pause()
        assert names[0] == "loss · nats per token"
        assert names[1:] == ["validation · loss · nats per token", "learning rate"]
        assert "★" not in text_of(chart)  # the speed has no best epoch
        chart.next_metric()
        assert chart.description == "loss · nats per token"


async def test_a_training_of_a_million_steps_is_drawn_from_few_values():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(RunChart)
        book = book_of(np.linspace(7, 3, 200_000))
        asked = []

        class Watched:
            names = book.names

            def thinned(self, name, left, right, at_most):
                found = book.thinned(name, left, right, at_most)
                asked.append(len(found))
                return found

        nothing = np.zeros(0)
        chart.show(Curves(Watched(), nothing.astype(int), nothing, last_step=200_000))
        await pilot.pause()
        assert "7.0" in text_of(chart)
        assert "200k" in text_of(chart)
        assert 80 <= max(asked) <= 8 * 80


def test_a_column_knows_its_lowest_and_highest_value():
    low, high = column_ranges(np.arange(4.0), np.array([5.0, 1, 7, 2]), np.array([5.0, 1, 7, 2]), np.array([0.0, 2, 4]))
    assert low.tolist() == [1, 2]
    assert high.tolist() == [5, 7]


def test_columns_between_points_are_interpolated_and_those_outside_are_empty():
    low, high = column_ranges(np.array([1.0, 9.0]), *[np.array([0.0, 8.0])] * 2, np.linspace(-2, 12, 8))
    assert np.isnan(low[0])
    assert np.isnan(low[-1])
    assert np.allclose(low[2:5], [2, 4, 6])
    assert np.array_equal(low[1:-1], high[1:-1])


def test_a_steep_line_has_no_gaps():
    area = PlotArea(10, 5, View(0, 10, 0, 1))
    area.line(np.array([0.0, 5.0, 5.5, 10.0]), np.array([1.0, 1.0, 0.0, 0.0]), Owner.LINE)
    drawn = area.owners == Owner.LINE
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


def test_labels_of_small_values_below_zero_say_which_they_are():
    assert [tick_label(tick, [-0.04, -0.036], log=False) for tick in (-0.04, -0.036)] == ["-0.04", "-0.04"]
    assert tick_label(-0.2, [-0.2, -0.1], log=False) == "-0.2"


@pytest.mark.parametrize("log", [False, True])
@given(value=st.floats(0, 1e300), gap=st.floats(1e-6, 1e6))
def test_a_label_of_the_axis_stays_in_its_five_cells(log: bool, value: float, gap: float):
    tick = math.log10(max(value, 1e-9)) if log else value
    assert len(tick_label(tick, [tick, tick + gap], log=log)) <= 6


def over(name: str, lift: float, steps: int = 600) -> Curves:
    """Another run, ``lift`` nats higher."""
    curves = falling(steps)
    gap = {GAP: (curves.valid_steps, np.full(len(curves.valid_steps), lift))}
    return replace(curves, valid_losses=curves.valid_losses + lift, now_and_then=gap, name=name)


async def test_runs_are_laid_over_with_letters_and_take_part_in_the_axes():
    app = ChartApp()
    async with app.run_test(size=(100, 24)) as pilot:
        chart = app.query_one(RunChart)
        chart.show(falling())
        await pilot.pause()
        alone = text_of(chart)
        chart.lay_over({"A": over("first", 0.5), "C": over("third", 0.2, 1200)})
        text = text_of(chart)
        assert "A first" in text.splitlines()[0]
        assert "C third" in text.splitlines()[0]
        assert sum(line.count("A") for line in text.splitlines()[1:-2]) >= 2
        assert sum(line.count("C") for line in text.splitlines()[1:-2]) >= 2
        assert "12" in text.splitlines()[-1].split(), "the longest run ends the axis"
        chart.toggle("A")
        assert "(A first)" in text_of(chart)
        assert sum(line.count("A") for line in text_of(chart).splitlines()[1:-2]) == 0
        chart.lay_over({})
        assert text_of(chart) == alone


async def test_a_run_that_lacks_what_is_drawn_says_so_and_breaks_nothing():
    app = ChartApp()
    async with app.run_test(size=(100, 24)) as pilot:
        chart = app.query_one(RunChart)
        old = replace(over("old", 0.1), source=book_of([3.0] * 600))
        chart.show(falling())
        chart.lay_over({"A": old})
        await pilot.pause()
        chart.next_axis()
        chart.next_axis()
        assert chart.look.axis == "time"
        assert "A old: nothing to show" in text_of(chart)
        assert all(len(line) <= 100 for line in text_of(chart).splitlines())


async def test_the_cursor_reads_all_curves_at_a_place():
    app = ChartApp()
    async with app.run_test(size=(110, 24)) as pilot:
        chart = app.query_one(RunChart)
        chart.show(falling())
        chart.lay_over({"A": over("first", 1.0)})
        await pilot.pause()
        text_of(chart)
        chart.put_cursor(10**6)
        legend = text_of(chart).splitlines()[0]
        assert legend.startswith("epoch 6.0")
        valid = 3.3 + 4 * math.exp(-6)
        assert f"valid {valid:.2f}" in legend or f"valid {valid - 0.01:.2f}" in legend
        assert f"A first {valid + 1:.2f}" in legend or "A first 4.3" in legend
        assert "n-gram 3.50" in legend
        chart.move_cursor(-30)
        moved = text_of(chart).splitlines()[0]
        assert float(moved.split()[1]) < 5
        chart.toggle_cursor()
        assert "train" in text_of(chart).splitlines()[0]
        assert chart.look.cursor is None
        await pilot.hover(RunChart, offset=(50, 10))
        assert chart.look.cursor == 43
        await pilot.hover(RunChart, offset=(2, 10))
        assert chart.look.cursor is None


@pytest.mark.parametrize("steps", [600, 20_000])
async def test_single_steps_are_a_band_of_one_deviation_however_many_there_are(steps: int):
    noise = np.random.default_rng(1).normal(0, 0.3, steps)
    curves = Curves(book_of(4 + noise), np.zeros(0, dtype=int), np.zeros(0), last_step=steps)
    line = Trace(curves, Look(axis="step"), "step", steps).line(0, steps, 700)
    assert line.spread is not None
    assert np.median(line.spread) == pytest.approx(0.3, rel=0.15)
    raw = Trace(curves, Look(axis="step", smoothing=0), "step", steps).line(0, steps, 700)
    smooth = Trace(curves, Look(axis="step", smoothing=5), "step", steps).line(0, steps, 700)
    assert raw.values.std() > 3 * smooth.values.std()


async def test_the_gap_is_validation_above_training():
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        chart = app.query_one(RunChart)
        chart.show(over("one", 0.7))
        await pilot.pause()
        chart.next_series()
        chart.next_series()
        assert "gap" in chart.description
        chart.put_cursor(40)
        assert "gap 0.70" in text_of(chart)
        chart.next_metric()
        assert chart.description == "loss · nats per token" + chart.description[len("loss · nats per token") :]


def test_a_legend_is_as_wide_as_its_room_whatever_the_names_are():
    styles = dict.fromkeys(STYLES, Style())
    for width in (10, 30, 44, 60, 90):
        entries = [Entry("train", "━━", "train", "train"), Entry("A", "A", "笑い話の長い名前のラン", "other-0", "3.21")]
        found = legend(entries, {"A"}, width, "epoch 3.0", styles)
        assert found.strip.cell_length <= width
        for first, stop, name in found.spans:
            inside = found.strip.crop(first, stop).text
            assert stop > width or inside[-1] in ")n━", (width, name, inside)


def test_in_a_narrow_legend_other_runs_keep_their_names_longest():
    styles = dict.fromkeys(STYLES, Style())
    own = [
        Entry("train", "━━", "train", "train"),
        Entry("ngram", "╍╍", "n-gram", "ngram"),
        Entry("best", "★", "best", "best"),
    ]
    others = [Entry(letter, letter, name, "other-0") for letter, name in (("A", "clever-otter"), ("B", "zebra"))]
    found = legend([*own, *others], (), 42, "", styles).strip
    assert found.text.split() == ["━━", "╍╍", "★", "A", "clever-otter", "B", "zebra"]
    assert found.cell_length <= 42
    assert legend([*own, *others], (), 30, "", styles).strip.text.split() == ["━━", "╍╍", "★", "A", "cle…", "B", "zeb…"]
    assert legend(own, (), 30, "", styles).strip.text.split() == ["━━", "train", "╍╍", "n-gram", "★", "best"]
