from jokegen.core.events import StepDone
from jokegen.core.pace import Pace


def step(number, seconds, loss=3.0, tokens=100):
    return StepDone(number, 1, loss, 0.01, tokens, seconds)


def test_nothing_is_known_before_the_second_step():
    pace = Pace()
    assert (pace.loss, pace.tokens_per_second, pace.seconds_left(10)) == (None, None, None)
    pace.take(step(1, 0.5))
    assert (pace.loss, pace.tokens_per_second, pace.seconds_left(10)) == (3.0, None, None)


def test_speed_and_time_left_come_from_the_last_seconds():
    pace = Pace()
    for number in range(1, 101):
        pace.take(step(number, number * 0.1 if number <= 50 else 5 + (number - 50) * 0.2))
    assert round(pace.tokens_per_second) == 500
    assert round(pace.seconds_left(150), 6) == 10
    assert pace.seconds_left(50) == 0


def test_a_time_limit_ends_the_wait():
    pace = Pace(max_seconds=12)
    for number in range(1, 101):
        pace.take(step(number, number * 0.1))
    assert round(pace.seconds_left(10_000), 6) == 2


def test_a_loss_that_is_no_number_does_not_spoil_the_smoothed_one():
    pace = Pace()
    for number, loss in enumerate((5.0, float("nan"), 5.0, float("inf")), 1):
        pace.take(step(number, number, loss))
    assert pace.loss == 5.0
