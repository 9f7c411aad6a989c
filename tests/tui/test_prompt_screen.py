import asyncio
from pathlib import Path

import pytest
from app_harness import (
    hides,
    made_up_run,
    notices,
    opens,
    quick_plan,
    running,
    screen_text,
    shows,
    start_and_pause,
    until,
    use_trained_home,
)
from jokegen.tui.app import JokegenApp
from jokegen.tui.preferences import load_preferences
from jokegen.tui.requests import TrainingRequested
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.train import TrainScreen
from jokegen.tui.widgets.next_words import rows_of
from textual.pilot import Pilot


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOKEGEN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


async def open_prompt(pilot: Pilot[None], app: JokegenApp, speed: str = "0") -> PromptScreen:
    await pilot.press("f3")
    await opens(pilot, PromptScreen)
    screen = app.screen
    await until(pilot, lambda: screen.talker is not None)
    screen.query_one("#dial-speed").value = speed
    await pilot.pause()
    return screen


async def ask(pilot: Pilot[None], screen: PromptScreen, prompt: str) -> None:
    turns = len(screen.talk.turns)
    screen.line.value = prompt
    screen.line.focus()
    await pilot.press("enter")
    await until(pilot, lambda: len(screen.talk.turns) > turns)


async def answered(pilot: Pilot[None], screen: PromptScreen) -> None:
    await until(pilot, lambda: screen.speaker is None and screen.talk.last is not None and screen.talk.last.ending)


async def test_a_prompt_is_answered_word_by_word_with_probabilities(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        turn = screen.talk.last
        assert turn.answer
        assert turn.answer in " ".join(screen_text(app).split()) or len(turn.answer) > 60
        assert all(0 <= word.probability <= 1 for word in turn.words)
        assert screen.line.value == ""
        await shows(pilot, "copied")
        await shows(pilot, f"seed {turn.seed}")
        await shows(pilot, "● carried")


async def test_esc_keeps_what_was_shown_and_the_state_after_the_last_word_shown(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app, speed="4")
        screen.query_one("#dial-temperature").value = "5"
        await pilot.pause()
        await ask(pilot, screen, "Why did the")
        await until(pilot, lambda: screen.talk.last.words)
        await pilot.press("escape")
        turn = screen.talk.last
        shown = list(turn.words)
        assert turn.ending == "stopped"
        assert screen.talk.position is shown[-1].position
        assert screen.line.has_focus
        await asyncio.sleep(0.6)
        assert turn.words == shown
        await shows(pilot, "stopped")


async def test_an_empty_line_goes_on_where_it_was_stopped(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        turn = screen.talk.last
        whole = turn.answer
        while len(turn.words) > 2:
            await pilot.press("ctrl+z")
        assert len(turn.answer) < len(whole)
        await pilot.press("enter")
        await until(pilot, lambda: len(turn.words) > 2)
        await answered(pilot, screen)
        assert len(screen.talk.turns) == 1
        assert turn.answer == whole


async def test_rewinding_past_the_answer_gives_the_prompt_back(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.query_one("#dial-words").value = "2"
        await pilot.pause()
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        for _ in range(10):
            if screen.talk.turns:
                await pilot.press("ctrl+z")
        assert not screen.talk.turns
        assert screen.line.value == "Why did the bear"
        await shows(pilot, "○ fresh")


async def test_again_starts_from_the_same_place_with_the_next_seed(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.query_one("#dial-temperature").value = "5"
        await pilot.pause()
        await ask(pilot, screen, "Why did")
        await answered(pilot, screen)
        turn, first = screen.talk.last, screen.talk.last.answer
        place, seed = turn.after_prompt, turn.seed
        await pilot.press("ctrl+r")
        await until(pilot, lambda: turn.seed == seed + 1)
        await answered(pilot, screen)
        assert len(screen.talk.turns) == 1
        assert turn.after_prompt is place
        assert turn.answer != first


async def test_the_state_is_carried_on_reset_and_switched_off(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        first = screen.talk.turns[0]
        await ask(pilot, screen, "Why did the duck")
        await answered(pilot, screen)
        assert screen.talk.turns[1].start is first.position
        await pilot.press("ctrl+t")
        await shows(pilot, "○ fresh")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        assert screen.talk.turns[2].start is None
        assert screen.talk.turns[2].answer == first.answer
        await pilot.press("ctrl+l")
        await shows(pilot, "not carried")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        assert screen.talk.turns[3].answer == first.answer
    assert not load_preferences(home / "preferences.json").carry_state


async def test_unknown_words_are_marked_and_named_and_still_answered(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.value = "Why did the zzyzx cross"
        await shows(pilot, "unknown: zzyzx")
        assert [screen.line.value[start:end].strip() for start, end in screen.line.unknown.spans] == ["zzyzx"]
        await pilot.press("enter")
        await until(pilot, lambda: screen.talk.turns)
        await answered(pilot, screen)
        assert screen.talk.last.unknown == ("zzyzx",)
        assert screen.talk.last.words


async def test_the_word_being_typed_is_completed_and_right_accepts(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.value = "Why did the du"
        screen.line.cursor_position = len(screen.line.value)
        await until(pilot, lambda: screen.line._suggestion == "Why did the duck")
        await pilot.press("right")
        assert screen.line.value == "Why did the duck"


async def test_the_next_words_follow_the_typing(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.value = "Why did the bear cross the road? To get to the other"
        await until(pilot, lambda: any("side" in candidate.text for candidate in screen.next_words.candidates[:3]))
        await shows(pilot, "side")


async def test_settings_are_used_checked_and_remembered(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        field = screen.query_one("#dial-temperature")
        field.value = "0.5"
        await pilot.pause()
        field.focus()
        await pilot.press("up")
        assert field.value == "0.55"
        field.value = "101"
        await pilot.pause()
        assert field.has_class("wrong")
        assert screen.panel.sampling().temperature == 0.55
        screen.query_one("#greedy").focus()
        await pilot.press("space")
        assert screen.panel.sampling().greedy
        await shows(pilot, "● yes")
    stored = load_preferences(home / "preferences.json").sampler
    assert stored["temperature"] == "0.55"
    assert stored["greedy"] == "yes"


async def test_the_talk_is_saved_as_a_text_file_and_the_place_is_shown(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "nothing to save" in notices(app))
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Saved" in notices(app))
    (path,) = (home / "transcripts").iterdir()
    text = path.read_text(encoding="utf-8")
    assert "you: Why did the bear" in text
    assert screen.talk.last.answer in text
    assert str(path) in notices(app)


async def test_a_new_talk_is_empty_and_fresh(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        await pilot.press("ctrl+n")
        await pilot.pause()
        assert not screen.talk.turns
        await hides(pilot, "Why did the bear")
        await shows(pilot, "○ fresh")


async def test_the_model_in_training_answers_while_it_goes_on(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path, 100_000)))
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.snapshot().step > 2)
        app.screen.action_prompt()
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        screen = app.screen
        screen.panel.values["speed"] = 0
        screen.line.value = "Why did the bear"
        step = app.bench.session.snapshot().step
        await screen.line.action_submit()
        await until(pilot, lambda: screen.talk.turns)
        await answered(pilot, screen)
        assert "live" in screen.talk.last.model
        assert screen.talk.last.words
        await until(pilot, lambda: app.bench.session.snapshot().step > step)


async def test_a_paused_model_answers_too_and_can_be_left_for_a_saved_one(tmp_path: Path, home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        screen = app.screen
        assert screen.talker.run == "tiny"
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "in training" in screen_text(app) and "trained" in screen_text(app))
        listing = app.screen.query_one("#list")
        listing.highlighted = listing.get_option_index("run:trained")
        await pilot.press("enter")
        await until(pilot, lambda: screen.talker.run == "trained")


async def test_without_a_model_it_says_where_to_get_one():
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        await shows(pilot, "There is no model yet")
        await pilot.press("h", "i", "enter")
        assert app.is_running
        await pilot.press("f2")
        await opens(pilot, TrainScreen)


async def test_a_run_whose_weights_are_damaged_is_named_in_a_sentence(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("f3")
        await until(pilot, lambda: "clever-otter" in screen_text(app).splitlines()[-5])
        assert app.is_running


async def test_the_side_panel_folds_and_the_choice_is_remembered(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await pilot.press("f4")
        assert not screen.query_one("#side").display
        await pilot.resize_terminal(50, 14)
        await pilot.pause()
        assert not screen.query_one("#side").display
    assert not load_preferences(home / "preferences.json").side_panel


async def test_leaving_while_it_speaks_leaves_no_thread_behind(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("jokegen.tui.talk.word_stream.AHEAD", 1)
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app, speed="1")
        screen.query_one("#dial-temperature").value = "5"
        await pilot.pause()
        await ask(pilot, screen, "Why did")
        stream = screen.speaker.stream
        await until(pilot, lambda: screen.talk.last.words)
        await pilot.press("f2", "q")
        await until(pilot, lambda: not app.is_running)
    try:
        await until(pilot, lambda: stream.ended.is_set(), 5)
    finally:
        stream.stop()


async def test_a_prompt_sent_before_there_is_a_model_is_answered_once_there_is(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path, 100_000)))
        await until(pilot, lambda: app.bench.starting or app.bench.session is not None)
        await pilot.press("p")
        await opens(pilot, PromptScreen)
        screen = app.screen
        screen.panel.values["speed"] = 0
        screen.line.value = "Why did the bear"
        await screen.line.action_submit()
        await until(pilot, lambda: screen.talk.turns)
        await answered(pilot, screen)
        assert screen.talk.last.prompt == "Why did the bear"
        assert screen.talk.last.words
        assert screen.line.value == ""
        app.bench.session.pause()


async def test_a_prompt_sent_while_a_model_loads_that_cannot_be_comes_back(home: Path):
    made_up_run(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        await pilot.press("f3")
        await opens(pilot, PromptScreen)
        screen = app.screen
        screen.line.value = "Why did the bear"
        await screen.line.action_submit()
        await until(pilot, lambda: "clever-otter" in screen_text(app).splitlines()[-5])
        await until(pilot, lambda: screen.line.value == "Why did the bear")


async def test_another_training_is_talked_to_from_a_fresh_state(tmp_path: Path):
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        screen = app.screen
        screen.panel.values["speed"] = 0
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        first = app.bench.session
        first.stop()
        await until(pilot, lambda: first.done.is_set())
        plan = quick_plan(tmp_path, 100_000, name="second", tokenizer="chars")
        app.post_message(TrainingRequested(plan))
        await until(pilot, lambda: app.bench.session is not first and app.bench.session.snapshot().step > 2)
        app.bench.session.pause()
        # As if the Prompt screen had been open all the time: it still has the model of the first training.
        screen.line.value = "Why did the duck"
        await screen.line.action_submit()
        await until(pilot, lambda: len(screen.talk.turns) == 2)
        await answered(pilot, screen)
        turn = screen.talk.last
        assert turn.ending != "failed", screen_text(app)
        assert turn.start is None
        assert screen.talker.run == "second"


async def test_the_words_shown_and_the_others_make_up_everything(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app, speed="1")
        screen.query_one("#dial-temperature").value = "5"
        await pilot.pause()
        await ask(pilot, screen, "Why did the")
        await until(pilot, lambda: screen.talk.last.words)
        word = screen.talk.last.words[-1]
        assert screen.next_words.drawn is word
        rows = rows_of(screen.next_words.candidates, word, 3)
        assert len(rows) == 3
        assert [row.text for row in rows if row.drawn] == [word.text]
        assert sum(row.probability for row in rows) <= 1 + 1e-6
        await shows(pilot, "others", "›")
