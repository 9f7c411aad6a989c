import asyncio
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from app_harness import (
    hides,
    jokes,
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
from jokegen.core.errors import EngineError
from jokegen.core.keeping.tree import Place
from jokegen.core.runs.checkpoints import load_checkpoint, save_checkpoint
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.memorization import Source
from jokegen.core.speaking.spoken import Candidate
from jokegen.data.tokenization import fit_tokenizer
from jokegen.tui.app import JokegenApp
from jokegen.tui.preferences import load_preferences
from jokegen.tui.requests import TrainingRequested
from jokegen.tui.screens.copied import CopiedScreen
from jokegen.tui.screens.history import HistoryScreen
from jokegen.tui.screens.own_word import OwnWordScreen
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.train import TrainScreen
from jokegen.tui.talk.copying import Copying
from jokegen.tui.talk.dials import DIALS, PRESETS
from jokegen.tui.talk.typed_line import LINE_BREAK, as_text
from jokegen.tui.widgets.next_words import rows_of
from jokegen.tui.workbench import LIVE
from textual.events import MouseScrollUp, Paste
from textual.pilot import Pilot
from textual.widgets import OptionList, Static


async def open_prompt(pilot: Pilot[None], app: JokegenApp, speed: str = "0") -> PromptScreen:
    await pilot.press("f3")
    await opens(pilot, PromptScreen)
    screen = app.screen
    await until(pilot, lambda: screen.talker is not None)
    screen.panel.set_dial("speed", speed)
    await pilot.pause()
    return screen


async def ask(pilot: Pilot[None], screen: PromptScreen, prompt: str) -> None:
    turns = len(screen.desk.turns)
    screen.line.value = prompt
    screen.line.focus()
    await pilot.press("enter")
    await until(pilot, lambda: len(screen.desk.turns) > turns)


async def answered(pilot: Pilot[None], screen: PromptScreen) -> None:
    await until(pilot, lambda: screen.speaker is None and screen.desk.last is not None and screen.desk.last.ending)


async def test_several_pasted_lines_all_arrive(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.post_message(Paste("Why did\nthe bear\x1b[31m\ncross\n"))
        # No text of this model has a line break.
        await until(pilot, lambda: screen.line.value == "Why did the bear[31m cross")
        await until(pilot, lambda: "became blanks" in notices(app))
        screen.line.value = f"Why did{LINE_BREAK}the bear"
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.turns)
        assert "Why did the bear" in screen_text(app)


def test_line_breaks_of_a_line_are_kept_where_the_model_knows_them():
    verses = fit_tokenizer(["The cow jumped\nover the moon."] * 5, "words")
    assert as_text(f"a{LINE_BREAK}b", SimpleNamespace(knows_line_breaks=verses.knows_line_breaks)) == "a\nb"


async def test_a_prompt_is_answered_word_by_word_with_probabilities(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        turn = screen.desk.last
        assert turn.answer.split()[0] in screen_text(app)
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
        screen.panel.set_dial("temperature", "5")
        await pilot.pause()
        await ask(pilot, screen, "Why did the")
        await until(pilot, lambda: screen.desk.last.words)
        await pilot.press("escape")
        turn = screen.desk.last
        shown = list(turn.words)
        assert turn.ending == "stopped"
        assert screen.desk.talk.head == Place(turn.said[-1].number, len(shown))
        assert screen.line.has_focus
        await asyncio.sleep(0.6)
        assert list(screen.desk.last.words) == shown
        await shows(pilot, "stopped")


async def test_an_empty_line_goes_on_where_it_was_stopped(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        whole = screen.desk.last.answer
        while len(screen.desk.last.words) > 2:
            await pilot.press("ctrl+z")
        assert len(screen.desk.last.answer) < len(whole)
        await shows(pilot, "■")
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.last.answer == whole)
        assert len(screen.desk.turns) == 1
        assert len(screen.desk.talk.stretches) == 2  # nothing was made again


async def test_rewinding_past_the_answer_gives_the_prompt_back(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("words", "2")
        await pilot.pause()
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        for _ in range(10):
            if screen.desk.turns:
                await pilot.press("ctrl+z")
        assert not screen.desk.turns
        assert screen.line.value == "Why did the bear"
        await shows(pilot, "○ fresh")


async def test_again_makes_another_answer_and_the_first_one_stays(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("temperature", "5")
        await pilot.pause()
        await ask(pilot, screen, "Why did")
        await answered(pilot, screen)
        first = screen.desk.last
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.desk.last.seed == first.seed + 1)
        await answered(pilot, screen)
        assert len(screen.desk.turns) == 1
        assert screen.desk.last.answer != first.answer
        await shows(pilot, "‹2/2›")
        await pilot.press("tab", "left_square_bracket")
        await shows(pilot, "‹1/2›")
        assert screen.desk.last.answer == first.answer
        await pilot.press("right_square_bracket")
        await shows(pilot, "‹2/2›")


async def test_back_a_few_words_and_again_keeps_the_beginning(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("temperature", "5")
        screen.panel.set_dial("words", "8")
        await pilot.pause()
        await ask(pilot, screen, "Why did the")
        await answered(pilot, screen)
        whole = screen.desk.last
        while len(screen.desk.last.words) > 3:
            await pilot.press("ctrl+z")
        half = screen.desk.last.answer
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.speaker is None and len(screen.desk.last.words) > 3)
        await answered(pilot, screen)
        assert screen.desk.last.answer.startswith(half)
        assert screen.desk.last.seed == whole.seed + 1
        await pilot.press("tab", "left_square_bracket")
        await until(pilot, lambda: screen.desk.last.answer == whole.answer)


async def test_one_walks_over_the_words_and_goes_on_with_another_one(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        first = screen.desk.last
        await pilot.press("tab")
        assert screen.transcript.has_focus
        await pilot.press("up")
        await until(pilot, lambda: screen.next_words.drawn == first.words[0])
        await shows(pilot, "instead: model → drawn", "1-9 choose")
        await pilot.press("right")
        await until(pilot, lambda: screen.next_words.drawn == first.words[1])
        rows = rows_of(screen.next_words.candidates, first.words[1], 9)
        number, row = next((n, row) for n, row in enumerate(rows, 1) if not row.drawn and row.text.strip() != "(end)")
        await pilot.press(str(number))
        await until(pilot, lambda: screen.speaker is None and screen.desk.last.words[1].text == row.text)
        await answered(pilot, screen)
        turn = screen.desk.last
        assert turn.words[0] == first.words[0]
        # What follows is what the model says after the chosen word, whichever way one gets there.
        generator = screen.talker.generator
        start = generator.read("Why did the bear")
        there = generator.after(start, [word.token for word in turn.words[:2]])
        said = generator.stream(there, screen.panel.sampling(), round(screen.panel.values["seed"]), 100)
        assert [word.token for word in said] == [word.token for word in turn.words[2:]]
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: screen.desk.last.answer == first.answer)
        await pilot.press("escape")
        assert screen.line.has_focus


async def test_the_words_of_a_prompt_can_be_looked_at_too(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the zyzx")
        await answered(pilot, screen)
        asked = screen.desk.last.asked
        assert [word.text for word in asked.words] == ["Why", " did", " the", " zyzx"]
        assert all(0 < word.probability < 1 for word in asked.words)
        await pilot.press("tab", "up", "left", "left")
        await until(pilot, lambda: screen.next_words.drawn == asked.words[2])
        assert screen.next_words.candidates[0].text == " the"
        # A word of the prompt makes way for another: two prompts, and the keys that turn the branches turn them.
        await pilot.press("w")
        await opens(pilot, OwnWordScreen)
        await pilot.press(*"a", "enter")
        await until(pilot, lambda: screen.desk.last.prompt == "Why did")
        await answered(pilot, screen)
        await shows(pilot, "Why did  ‹2/2›")
        await pilot.press("right_square_bracket")
        await shows(pilot, "Why did the zyzx  ‹1/2›")
        await pilot.press("ctrl+r")
        await answered(pilot, screen)
        await shows(pilot, "‹2/2› ·")
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: screen.desk.last.branch == (1, 2) and screen.desk.last.prompt == "Why did the zyzx")
        await pilot.press("home", "left_square_bracket")
        await until(pilot, lambda: screen.desk.last.prompt == "Why did")


async def test_a_click_on_a_candidate_goes_on_with_it(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("words", "3")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        await until(pilot, lambda: screen.next_words.drawn is None and screen.next_words.candidates)
        wanted = screen.next_words.candidates[1].text
        await pilot.click("#next-words", offset=(5, 2))
        await until(pilot, lambda: len(screen.desk.last.words) > 3)
        assert screen.desk.last.words[3].text == wanted


async def test_the_state_is_carried_on_reset_and_switched_off(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        first = screen.desk.turns[0]
        await ask(pilot, screen, "Why did the duck")
        await answered(pilot, screen)
        assert not screen.desk.turns[1].fresh
        await pilot.press("ctrl+t")
        await shows(pilot, "○ fresh")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        assert screen.desk.turns[2].fresh
        assert screen.desk.turns[2].answer == first.answer
        await pilot.press("ctrl+l")
        await shows(pilot, "not carried")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        assert screen.desk.turns[3].answer == first.answer
    assert not load_preferences(home / "preferences.json").carry_state


async def test_esc_before_the_first_word_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        count = screen.desk.count
        asked = threading.Event()
        let_go = threading.Event()
        plain = screen.fresh_model

        def slowly():
            asked.set()
            let_go.wait(60)
            return plain()

        monkeypatch.setattr(screen, "fresh_model", slowly)
        screen.line.value = "Why did the duck"
        await screen.line.action_submit()
        await until(pilot, asked.is_set)
        await pilot.press("escape")
        let_go.set()
        assert screen.desk.count >= count
        monkeypatch.setattr(screen, "fresh_model", plain)
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.last.words)
        await answered(pilot, screen)
        assert not screen.desk.last.fresh
        assert screen.desk.last.prompt == "Why did the duck"


async def test_a_training_that_is_too_busy_to_answer_loses_nothing(home: Path, monkeypatch: pytest.MonkeyPatch):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        count, turns = screen.desk.count, len(screen.desk.turns)

        def busy():
            raise EngineError("The training is busy; try again in a moment.")

        with monkeypatch.context() as patch:
            patch.setattr(screen, "fresh_model", busy)
            await ask(pilot, screen, "Why did the duck")
            await shows(pilot, "The training is busy")
        assert screen.desk.count >= count
        await pilot.press("ctrl+r")
        await until(pilot, lambda: screen.desk.last.words)
        await answered(pilot, screen)
        assert (screen.desk.last.prompt, screen.desk.last.fresh) == ("Why did the duck", False)
        assert len(screen.desk.turns) == turns + 1
        told = screen.talker.generator.read("Why did the bear")
        told = screen.talker.generator.after(told, [word.token for word in screen.desk.turns[turns - 1].words])
        told = screen.talker.generator.read("Why did the duck", told)
        said = screen.talker.generator.stream(told, screen.panel.sampling(), screen.desk.last.seed, 100)
        assert [word.token for word in said] == [word.token for word in screen.desk.last.words]


async def test_another_model_reads_the_talk_anew(home: Path):
    """Two networks of the same shape: a state of the one means nothing to the other."""
    use_trained_home(home)
    shutil.copytree(home / "runs" / "trained", home / "runs" / "other")
    best = home / "runs" / "other" / "best.safetensors"
    weights = load_checkpoint(best)
    save_checkpoint(best, {name: -array for name, array in weights.arrays.items()}, weights.values)
    app = JokegenApp(run="trained")
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        screen.use_model("other")
        await until(pilot, lambda: screen.talker.run == "other")
        for key in ("ctrl+z", "ctrl+r"):
            await pilot.press(key)
        await until(pilot, lambda: screen.speaker is None and screen.desk.last.ending)
        turn, generator = screen.desk.last, screen.talker.generator
        assert turn.said[-1].author.run == "other"
        start = generator.read("Why did the bear")
        before = [word for stretch in turn.said[:-1] for word in stretch.words]
        there = generator.after(start, [word.token for word in before]) if before else start
        said = list(generator.stream(there, screen.panel.sampling(), turn.seed, 100))
        assert [word.token for word in said] == [word.token for word in turn.said[-1].words]


async def test_unknown_words_are_marked_and_named_and_still_answered(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.value = "Why did the zzyzx cross"
        await shows(pilot, "unknown: zzyzx")
        assert [screen.line.value[start:end].strip() for start, end in screen.line.unknown.spans] == ["zzyzx"]
        await pilot.press("enter")
        await until(pilot, lambda: screen.desk.turns)
        await answered(pilot, screen)
        assert screen.desk.last.unknown == ("zzyzx",)
        assert screen.desk.last.words


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
        screen.panel.focus()
        await pilot.press("0", ".", "5")
        assert screen.panel.sampling().temperature == 0.5
        await pilot.press("right", "right", "left")
        assert screen.panel.sampling().temperature == 0.55
        await shows(pilot, "•0.55")
        await pilot.press("1", "0", "1")
        await shows(pilot, "between 0.01 and 100")
        await pilot.press("enter")
        await shows(pilot, "temperature stays at 0.55")
        assert screen.panel.sampling().temperature == 0.55
        await pilot.press("d")
        assert screen.panel.sampling().temperature == 0.8
        await hides(pilot, "temperature stays")
        await pilot.press("0", ".", "5", "5")
        greedy = next(index for index, dial in enumerate(DIALS) if dial.key == "greedy")
        while screen.panel.pointed is not DIALS[greedy]:
            await pilot.press("down")
        await pilot.press("space")
        assert screen.panel.sampling().greedy
        await shows(pilot, "● yes")
    stored = load_preferences(home / "preferences.json").sampler
    assert stored["temperature"] == "0.55"
    assert stored["greedy"] == "yes"


async def test_a_wrong_value_says_its_range_and_the_old_one_stays(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.focus()
        while screen.panel.pointed.key != "min_p":
            await pilot.press("down")
        await pilot.press("2")
        await shows(pilot, "min-p must be between 0 and 1, not 2.")
        screen.line.focus()
        await shows(pilot, "min-p stays at 0: it is between 0 and 1.")
        assert screen.panel.sampling() == Sampling()


async def test_a_preset_and_the_wheel_change_what_comes_next_at_once(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await until(pilot, lambda: screen.next_words.candidates)
        before = screen.next_words.candidates
        screen.panel.focus()
        await pilot.press("p")
        await shows(pilot, "sampling · wild")
        assert screen.panel.sampling() == PRESETS["wild"]
        await until(pilot, lambda: screen.next_words.candidates != before)
        await pilot.press("D")
        assert screen.panel.sampling() == Sampling()
        panel = screen.panel
        await pilot._post_mouse_events([MouseScrollUp], panel, offset=(5, 1))
        await until(pilot, lambda: panel.sampling().temperature == 0.85)
        await shows(pilot, "sampling · changed")


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
    assert screen.desk.last.answer in text
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
        assert not screen.desk.turns
        await hides(pilot, "Why did the bear")
        await shows(pilot, "○ fresh")


async def test_a_model_that_comes_late_ends_no_answer_of_the_one_that_was_wanted_since(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        screen = app.screen
        await until(pilot, lambda: screen.talker is not None and not screen.waiting_for_model)
        screen.panel.values["speed"] = 2
        await ask(pilot, screen, "Why did the bear")
        await until(pilot, lambda: screen.speaker is not None)
        late = screen._wanted
        screen._wanted += 1
        await screen._loaded(screen.talker, "", late)
        assert screen.speaker is not None
        assert not screen.desk.last.ending


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
        await until(pilot, lambda: screen.desk.turns)
        await answered(pilot, screen)
        assert "live" in screen.desk.last.model
        assert screen.desk.last.words
        await until(pilot, lambda: app.bench.session.snapshot().step > step)


async def test_the_title_follows_the_training_and_its_run_takes_over_when_it_ends(tmp_path: Path):
    app = JokegenApp()
    async with running(app, (120, 30)) as pilot:
        app.post_message(TrainingRequested(quick_plan(tmp_path, 100_000)))
        await until(pilot, lambda: app.bench.session is not None and app.bench.session.snapshot().step > 2)
        app.screen.action_prompt()
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        epoch = app.bench.session.snapshot().epoch

        def told() -> int:
            found = re.search(r"live · epoch (\d+) of", screen_text(app))
            return int(found[1]) if found else 0

        await until(pilot, lambda: told() > epoch + 1)
        app.bench.session.stop()
        await shows(pilot, "The training has ended; you talk to its best epoch now.")
        assert app.screen.talker.choice == "tiny"
        await hides(pilot, "live")


async def test_a_click_on_a_word_looks_at_it_and_a_click_on_a_rival_goes_on_with_it(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        first = screen.desk.last
        await pilot.click(".answer", offset=(1, 0))
        await until(pilot, lambda: screen.desk.cursor == first.places[0])
        await shows(pilot, "instead: model → drawn")
        await pilot.click(".prompt", offset=(5, 0))
        await until(pilot, lambda: screen.desk.cursor == Place(first.asked.number, 1))
        await pilot.click(".answer", offset=(1, 0))
        await until(pilot, lambda: screen.next_words.drawn is not None and screen.desk.cursor == first.places[0])
        await until(pilot, lambda: any(row.drawn for row in screen.next_words._rows))
        rival = next(index for index, row in enumerate(screen.next_words._rows) if not row.drawn and row.candidate)
        await pilot.click("#next-words", offset=(5, rival + 1))
        await until(pilot, lambda: screen.desk.last.branch == (2, 2))


async def test_a_paused_model_answers_too_and_can_be_left_for_a_saved_one(tmp_path: Path, home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        screen = app.screen
        assert screen.talker.run == "tiny"
        # The weights are copied in the thread of an answer that may never be shown: the screen's own stay.
        before = screen.talker, screen.desk.positions
        now, _ = await asyncio.to_thread(screen.fresh_model)
        assert now is not before[0]
        assert (screen.talker, screen.desk.positions) == before
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "in training" in screen_text(app) and "trained" in screen_text(app))
        listing = app.screen.query_one("#list")
        listing.highlighted = listing.get_option_index("run:trained")
        await pilot.press("enter")
        await until(pilot, lambda: screen.talker.run == "trained")


async def test_prompts_to_a_busy_training_do_not_wait_side_by_side(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """Each would hold one of a few threads, and saving or completing would wait behind them."""
    app = JokegenApp()
    async with running(app) as pilot:
        await start_and_pause(pilot, app, tmp_path)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PromptScreen) and app.screen.talker is not None)
        session, screen, waiting = app.bench.session, app.screen, []
        plain = session.live_generator

        def counted(*_, given_up):
            waiting.append(None)
            try:
                return plain(timeout=120.0, given_up=given_up)
            finally:
                waiting.pop()

        with monkeypatch.context() as patch:
            patch.setattr(session, "live_generator", counted)
            patch.setattr(type(session), "_answer", lambda _: None)
            for number in range(4):
                await ask(pilot, screen, f"Why {number}")
            await until(pilot, lambda: len(waiting) == 1)
        await until(pilot, lambda: screen.desk.last.words)


async def test_without_a_model_it_says_where_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr("jokegen.core.runs.voice.VOICE_FOLDER", tmp_path / "nothing")
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
        screen.panel.set_dial("temperature", "5")
        await pilot.pause()
        await ask(pilot, screen, "Why did")
        stream = screen.speaker.stream
        await until(pilot, lambda: screen.desk.last.words)
        await pilot.press("f2", "q")
        await until(pilot, lambda: not app.is_running)
    try:
        await until(pilot, lambda: stream.ended.is_set())
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
        await until(pilot, lambda: screen.desk.turns)
        await answered(pilot, screen)
        assert screen.desk.last.prompt == "Why did the bear"
        assert screen.desk.last.words
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


async def test_another_training_reads_the_talk_anew(tmp_path: Path):
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
        await until(pilot, lambda: first.done.is_set() and screen.talker.choice == "tiny")
        plan = quick_plan(tmp_path, 100_000, name="second", tokenizer="chars")
        app.post_message(TrainingRequested(plan))
        await until(pilot, lambda: app.bench.session is not first and app.bench.session.snapshot().step > 2)
        app.bench.session.pause()
        # The run of the first training had taken its place; the second one's model has other tokens.
        screen.use_model(LIVE)
        screen.line.value = "Why did the duck"
        await screen.line.action_submit()
        await until(pilot, lambda: len(screen.desk.turns) == 2)
        await answered(pilot, screen)
        turn = screen.desk.last
        assert turn.ending != "failed", screen_text(app)
        assert screen.talker.run == "second"


async def test_the_words_shown_and_the_others_make_up_everything(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app, speed="1")
        screen.panel.set_dial("temperature", "5")
        await pilot.pause()
        await ask(pilot, screen, "Why did the")
        await until(pilot, lambda: screen.desk.last.words)
        word = screen.desk.last.words[-1]
        assert screen.next_words.drawn == word
        rows = rows_of(screen.next_words.candidates, word, 3)
        assert len(rows) == 3
        assert [row.text for row in rows if row.drawn] == [word.text]
        assert sum(row.probability for row in rows) <= 1 + 1e-6
        await shows(pilot, "others", "›")


async def test_a_word_of_ones_own_is_a_branch_that_the_model_goes_on_from(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        before = screen.desk.last.answer
        screen.transcript.focus()
        await pilot.press("left", "left", "w")
        await opens(pilot, OwnWordScreen)
        await pilot.press(*"cow", "enter")
        await until(pilot, lambda: screen.desk.last.answer != before)
        await answered(pilot, screen)
        turn = screen.desk.last
        chosen = turn.said[-1]
        assert [word.text.strip() for word in chosen.words[: chosen.chosen]] == ["cow"]
        assert turn.branch == (2, 2)
        await pilot.press("left_square_bracket")
        assert screen.desk.last.answer == before


async def test_one_goes_on_word_by_word_and_takes_only_the_word_pointed_at(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("words", "2")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        said = screen.desk.last.spoken
        screen.transcript.focus()
        await pilot.press("space")
        await answered(pilot, screen)
        assert screen.desk.last.spoken == said + 1
        screen.next_words.focus()
        await until(pilot, lambda: screen.next_words.drawn is None and bool(screen.next_words.candidates))
        wanted = screen.next_words.candidates[0].text
        await pilot.press("space")
        await until(pilot, lambda: screen.desk.last.words[-1].text == wanted)
        await answered(pilot, screen)
        assert screen.desk.last.spoken == said + 2


async def test_copied_stretches_are_underlined_and_their_texts_shown(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("temperature", "0.3")
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        number = screen.desk.last.number
        await until(pilot, lambda: screen.transcript.copying(number) is not None)
        stretch = screen.transcript.copying(number).stretches[0]
        shared = stretch.source.shared.strip()
        assert len(shared.split()) >= 5
        answer = screen.transcript.query(".answer").last(Static).content
        underlined = "".join(answer.plain[span.start : span.end] for span in answer.spans if span.style == "underline")
        assert underlined.strip() == shared
        screen.transcript.focus()
        await pilot.press("t")
        await opens(pilot, CopiedScreen)
        whole = stretch.source.before + stretch.source.shared + stretch.source.after
        assert whole in {text.replace("’", "'") for text in jokes()}
        assert "‹rare›" not in screen_text(app)
        await pilot.press("escape")
        rare = replace(stretch, source=Source(" <unk> and", stretch.source.shared, "[/b]"))
        app.push_screen(CopiedScreen(Copying("", 5, 5, (rare,))))
        await shows(pilot, "‹rare› and", "too rare for the vocabulary", "[/b]")
        await pilot.press("escape", "t")
        await opens(pilot, CopiedScreen)
        assert shared in screen_text(app)
        nearest = screen.transcript.copying(number).nearest
        assert nearest
        assert f"likeness {nearest[0].likeness:.0%}" in screen_text(app)


async def test_the_units_that_a_word_turned_take_the_place_of_the_dials(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (80, 24)) as pilot:
        screen = await open_prompt(pilot, app)
        await ask(pilot, screen, "Why did the bear")
        await answered(pilot, screen)
        screen.transcript.focus()
        await pilot.press("left", "left", "u")
        await until(pilot, lambda: screen.why.reasons is not None and bool(screen.why.reasons.lines))
        reasons, turn = screen.why.reasons, screen.desk.last
        assert reasons.word == len(turn.places) - 2
        sizes = [abs(line.change.change) for line in reasons.lines]
        assert sizes == sorted(sizes, reverse=True)
        assert all(len(line.values) == len(turn.words) for line in reasons.lines)
        line = reasons.lines[0]
        assert line.values[reasons.word] == pytest.approx(line.change.after, abs=1e-6)
        assert line.name in screen_text(app)
        assert not screen.panel.display
        await pilot.press("home", "right")
        await until(pilot, lambda: screen.why.reasons.word == 1 and len(screen.why.reasons.lines[0].values) == 4)
        await pilot.press("u")
        assert screen.panel.display


async def test_a_place_reminds_the_model_of_the_training_texts_and_the_states_are_kept_with_the_run(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("temperature", "0.3")
        await ask(pilot, screen, "Why did the bear cross the")
        await answered(pilot, screen)
        screen.transcript.focus()
        await pilot.press("left", "left", "u")
        await until(pilot, lambda: screen.why.reminded is not None)
        reminders = screen.why.reminded.reminders
        said = screen.desk.last.words[screen.why.reasons.word].text
        # The model saw the text itself, so the nearest place ends with the very word.
        assert reminders[0].word.strip() == said.strip()
        assert reminders[0].similarity == max(reminder.similarity for reminder in reminders)
        assert "reminds it of" in screen_text(app)
        assert (home / "runs" / "trained" / "states.safetensors").exists()


async def test_the_list_says_what_the_sampler_makes_of_each_word_and_where_the_one_that_came_stands(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (80, 24)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.panel.set_dial("top_k", "2")
        await ask(pilot, screen, "Why did the")
        await answered(pilot, screen)
        screen.transcript.focus()
        await pilot.press("left", "left", "left")
        await until(pilot, lambda: screen.next_words.alternatives.rank is not None)
        alternatives = screen.next_words.alternatives
        assert alternatives.possible <= 2
        assert sum(word.drawn for word in alternatives.candidates) == pytest.approx(1, abs=1e-5)
        better = sum(word.probability > screen.next_words.drawn.probability for word in alternatives.candidates)
        assert alternatives.rank == 1 + better
        await shows(pilot, f"rank {alternatives.rank}", f"{alternatives.possible} left")


def test_words_that_differ_by_a_blank_are_told_apart():
    pair = (Candidate(" cow", 0.5, 0.5, 1), Candidate("cow", 0.2, 0.2, 2), Candidate("s", 0.1, 0.1, 3))
    assert [row.glued for row in rows_of(pair, None, 5)] == [False, True, False]


async def test_prompts_last_from_launch_to_launch_and_are_found_again(home: Path):
    use_trained_home(home)
    app = JokegenApp()
    async with running(app, (80, 24)) as pilot:
        screen = await open_prompt(pilot, app)
        for prompt in ("Why did the bear", "What did the [cow]"):
            await ask(pilot, screen, prompt)
            await answered(pilot, screen)
    app = JokegenApp()
    async with running(app, (80, 24)) as pilot:
        screen = await open_prompt(pilot, app)
        screen.line.focus()
        await pilot.press("up")
        assert screen.line.value == "What did the [cow]"
        await pilot.press("f10")
        await opens(pilot, HistoryScreen)
        await shows(pilot, "What did the [cow]", "Why did the bear")
        await pilot.press(*"BEAR")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: screen.line.value == "Why did the bear")


def test_only_so_many_prompts_are_remembered_each_once(tmp_path: Path):
    preferences = load_preferences(tmp_path / "none.json")
    for number in range(600):
        preferences.add_prompt(f"prompt {number % 550}")
    assert len(preferences.prompts) == len(set(preferences.prompts)) == 500
    assert preferences.prompts[-1] == "prompt 49"
