"""Several answers at once: they stream side by side, differ in one thing, and one is taken into the talk."""

import shutil
from pathlib import Path

import pytest
from app_harness import opens, running, screen_text, shows, until, use_trained_home
from jokegen.core.keeping.remaking import remade
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator
from jokegen.tui.app import JokegenApp
from jokegen.tui.screens.answers import AnswersScreen
from jokegen.tui.screens.prompt import PromptScreen
from jokegen.tui.screens.talk_map import TalkMap


@pytest.fixture(autouse=True)
def home(own_home: Path) -> Path:
    return use_trained_home(own_home)


async def open_answers(pilot, app: JokegenApp, prompt: str) -> tuple[PromptScreen, AnswersScreen]:
    await pilot.press("f3")
    await opens(pilot, PromptScreen)
    prompts = app.screen
    await until(pilot, lambda: prompts.talker is not None)
    prompts.panel.set_dial("speed", "0")
    prompts.panel.set_dial("temperature", "1.5")
    prompts.line.value = prompt
    await pilot.pause()
    await pilot.press("f5")
    await opens(pilot, AnswersScreen)
    return prompts, app.screen


async def all_made(pilot, screen: AnswersScreen) -> None:
    await until(pilot, lambda: bool(screen.columns) and all(column.ended for column in screen.columns))


@pytest.mark.parametrize(("width", "count"), [(80, 2), (120, 3), (200, 6)])
async def test_as_many_answers_stream_as_there_is_room_for(width: int, count: int):
    app = JokegenApp()
    async with running(app, (width, 24)) as pilot:
        _, screen = await open_answers(pilot, app, "Why did the bear")
        await all_made(pilot, screen)
        assert [column.stretch.author.seed for column in screen.columns] == list(range(7, 7 + count))
        await shows(pilot, f"{count} · seed {6 + count}")
        await shows(pilot, "bits a word")


async def test_a_taken_answer_is_the_talk_and_the_others_stay_beside_it(home: Path):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await all_made(pilot, screen)
        await pilot.press("2")
        await opens(pilot, PromptScreen)
        turn = prompts.desk.last
        assert turn.prompt == "Why did the bear"
        assert turn.seed == 8
        assert turn.branch == (2, 3)
        await shows(pilot, "‹2/3›")
        assert prompts.line.value == ""
        generator = load_generator(RunStore(home / "runs").open("trained"))
        alone = generator.stream(generator.read("Why did the bear"), Sampling(temperature=1.5), 8, 100)
        assert turn.answer == "".join(word.text for word in alone).lstrip()
        await pilot.press("tab", "]")
        await until(pilot, lambda: prompts.desk.last.seed == 9)


async def test_leaving_takes_nothing_and_the_prompt_is_still_in_the_line():
    app = JokegenApp()
    async with running(app) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the duck")
        await until(pilot, lambda: screen.columns)
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        assert not prompts.desk.turns
        assert prompts.line.value == "Why did the duck"


async def test_another_thing_may_differ_and_more_or_fewer_may_answer():
    app = JokegenApp()
    async with running(app, (120, 30)) as pilot:
        _, screen = await open_answers(pilot, app, "Why")
        await pilot.press("v")
        await until(pilot, lambda: screen.differing == "temperature" and screen.columns)
        await all_made(pilot, screen)
        assert [column.speaker.draw.sampling.temperature for column in screen.columns] == [0.5, 1.0, 1.5]
        assert {column.stretch.author.seed for column in screen.columns} == {7}
        await pilot.press("-")
        await until(pilot, lambda: len(screen.columns) == 2)
        await pilot.press("v", "v")
        await until(pilot, lambda: screen.differing == "model" and len(screen.columns) == 2)
        await all_made(pilot, screen)
        assert {column.stretch.author.run for column in screen.columns} == {"trained", "bundled"}
        await shows(pilot, "bundled")


async def test_the_same_joke_grows_up_and_is_kept_where_it_stands(home: Path):
    app = JokegenApp()
    async with running(app, (120, 30)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await pilot.press("v", "v", "v", "v")
        await until(pilot, lambda: screen.differing == "epoch" and bool(screen.columns))
        await all_made(pilot, screen)
        run = RunStore(home / "runs").open("trained")
        assert [column.variant.epoch for column in screen.columns] == [1, 2]
        await shows(pilot, "epoch 1", f"epoch {run.info.best_epoch} ★")
        early = load_generator(run, epoch=1)
        alone = early.stream(early.read("Why did the bear"), Sampling(temperature=1.5), 7, 100)
        assert [word.token for word in screen.columns[0].stretch.words] == [word.token for word in alone]
        assert [column.stretch.author.label for column in screen.columns] == ["trained · epoch 1", "trained · epoch 2"]
        await pilot.press("s")
        await shows(pilot, "★ Kept as")
        (kept,) = app.bench.kept.read().texts
        assert kept.text.startswith("Why did the bear")
        assert remade(kept.origin, RunStore(home / "runs")) == kept.text
        await pilot.press("f7")
        await shows(pilot, "It is not kept any more")
        assert not app.bench.kept.read().texts
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        assert not prompts.desk.turns
        prompts.use_model("bundled")
        await until(pilot, lambda: prompts.talker.run == "bundled")
        await pilot.press("f5")
        await opens(pilot, AnswersScreen)
        await pilot.press("v", "v", "v", "v")
        await shows(pilot, "has kept no earlier epochs")
        await pilot.press("s", "enter", "1", "right", "escape")
        await opens(pilot, PromptScreen)


async def test_a_long_answer_is_wrapped_as_it_grows_and_scrolled(home: Path):
    # The model that comes with JokeGen speaks alike on every machine: one of a moment may say a thousand points.
    shutil.rmtree(home / "runs")
    app = JokegenApp()
    async with running(app, (80, 18)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await pilot.press("escape")
        await opens(pilot, PromptScreen)
        prompts.panel.set_dial("words", "90")
        prompts.panel.set_dial("least_words", "90")
        await pilot.press("f5")
        await opens(pilot, AnswersScreen)
        screen = app.screen
        await all_made(pilot, screen)
        column = screen.columns[0]
        said = "".join(word.text for word in column.stretch.words).split()

        def rows() -> list[str]:
            return [screen.view.render_line(y).text for y in range(3, screen.view.size.height - 6)]

        def shown() -> list[str]:
            width = screen.size.width // len(screen.columns)
            return " ".join(row[1 : width - 1] for row in rows()).split()

        await until(pilot, lambda: shown()[-1] == said[-1])
        assert {len(row) for row in rows()} == {80}
        assert said[-len(shown()) :] == shown()
        await pilot.press(*["up"] * 30)
        await until(pilot, lambda: shown()[0] == said[0])
        await pilot.resize_terminal(200, 60)
        await until(pilot, lambda: shown() == said)
        assert {len(row) for row in rows()} == {200}
        await pilot.resize_terminal(60, 10)
        await shows(pilot, " ".join(said[:3]), "90 words")


async def test_an_unfinished_answer_goes_on_in_several_ways():
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await all_made(pilot, screen)
        await pilot.press("1")
        await opens(pilot, PromptScreen)
        await pilot.press("ctrl+z", "ctrl+z", "ctrl+z")
        kept = prompts.desk.last.answer
        await pilot.press("f5")
        await opens(pilot, AnswersScreen)
        await all_made(pilot, app.screen)
        await pilot.press("3")
        await opens(pilot, PromptScreen)
        assert prompts.desk.last.answer.startswith(kept)
        assert len(prompts.desk.turns) == 1


@pytest.mark.parametrize("steps", [3, 20])
async def test_instead_of_a_word_of_an_answer_or_of_the_prompt_there_are_several_others(steps: int):
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await all_made(pilot, screen)
        await pilot.press("1")
        await opens(pilot, PromptScreen)
        desk = prompts.desk
        said, words = desk.talk.text(), [word for _, word in desk.talk.words()]
        at = max(2, len(words) - steps)
        await pilot.press("tab", "home", *["right"] * at)
        await until(pilot, lambda: desk.looked_at() == words[at])
        before = "".join(word.text for word in words[:at])
        prompts.line.value = "not this"
        for key, columns in (("escape", 3), ("2", 3)):
            await pilot.press("c")
            await opens(pilot, AnswersScreen)
            await all_made(pilot, app.screen)
            assert len(app.screen.columns) == columns
            await shows(pilot, f"goes on after  {before}")
            await pilot.press(key)
            await opens(pilot, PromptScreen)
            if key == "escape":
                assert desk.talk.text() == said
                assert desk.looked_at() == words[at]
        assert desk.talk.text().startswith(before)
        answer = desk.last.said[-1]
        assert answer.author.seed == 8
        assert prompts.line.value == "not this"
        generator = prompts.talker.generator
        there = generator.after(generator.start(), [word.token for word in words[:at]])
        alone = generator.stream(there, answer.author.sampling, 8, 100)
        assert [word.token for word in answer.words] == [word.token for word in alone]


async def test_a_model_that_cannot_be_loaded_says_so_in_its_column(home: Path):
    broken = home / "runs" / "broken"
    (home / "runs" / "trained").rename(home / "runs" / "first")
    use_trained_home(home)
    (home / "runs" / "first").rename(broken)
    for name in ("best.safetensors", "last.safetensors"):
        (broken / name).write_bytes(b"no weights")
    app = JokegenApp(run="trained")
    async with running(app, (120, 30)) as pilot:
        _, screen = await open_answers(pilot, app, "Why")
        await pilot.press("v", "v", "v")
        await until(pilot, lambda: screen.differing == "model")
        await all_made(pilot, screen)
        await until(pilot, lambda: "damaged" in screen_text(app))


async def test_the_map_shows_every_branch_and_leads_there():
    app = JokegenApp()
    async with running(app, (120, 40)) as pilot:
        prompts, screen = await open_answers(pilot, app, "Why did the bear")
        await all_made(pilot, screen)
        answers = [column.stretch for column in screen.columns]
        await pilot.press("1")
        await opens(pilot, PromptScreen)
        await pilot.press("tab", "m")
        await opens(pilot, TalkMap)
        await shows(pilot, "3 branches")
        await pilot.press("j", "j", "enter")
        await opens(pilot, PromptScreen)
        assert prompts.desk.talk.head.stretch == answers[2].number
        await pilot.press("f6")
        await opens(pilot, TalkMap)
        await pilot.press("slash", *"bear", "enter")
        await pilot.press("escape", "escape")
        await opens(pilot, PromptScreen)


async def test_an_empty_talk_has_no_map():
    app = JokegenApp()
    async with running(app) as pilot:
        await pilot.press("f3")
        await opens(pilot, PromptScreen)
        await pilot.press("f6")
        await shows(pilot, "There is nothing to show yet")
