"""``jokegen-tui kept``: the texts worth keeping, listed, shown, made again, edited, exported, deleted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click

from ...core.keeping.handouts import KEPT_FORMATS
from ...core.keeping.picking import Order
from ...data.cleaning import one_line
from ..numbers import NOTHING, count, decimal, percent
from .options import debug_option, json_option
from .output import bare_table, console_for_people, plain, shortened, write_json
from .program import complain
from .runs import age
from .suggestions import kept_for, runs_for

if TYPE_CHECKING:
    from ...core.keeping.collection import Collection, Kept

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
_ID = click.argument("id_", metavar="ID", shell_complete=kept_for)
_EPILOG = """\b
Examples:
  jokegen-tui kept --sort newness
  jokegen-tui kept again 3fa2c1
  jokegen-tui kept export best.md --tag best
  jokegen-tui train kept
An ID may be cut short where it stays the only one.
"""


def _collection() -> Collection:
    from ...core.home import kept_file
    from ...core.keeping.collection import Collection

    return Collection(kept_file())


def _chosen(find: str | None, tag: str | None, run: str | None, sort: Order) -> list[tuple[Kept, int]]:
    """Return the wanted texts in the wanted order, repeats folded."""
    from ...core.keeping.picking import folded, matching, ordered

    contents = _collection().read()
    if contents.notice:
        complain(contents.notice)
    return folded(ordered(matching(contents.texts, find or "", tag=tag or "", run=run or ""), sort))


def _filters(verb: Decorated) -> Decorated:
    """Add the options that say which texts, and in which order."""
    for option in (
        click.option("--sort", type=click.Choice(get_args(Order)), default="date", show_default=True,
                     help="Latest, most surprising, longest or least copied first."),
        click.option("--run", metavar="NAME", shell_complete=runs_for, help="Only what this run said."),
        click.option("--tag", metavar="TAG", help="Only texts with this tag."),
        click.option("--find", metavar="WORDS", help="Only texts with all of these words."),
    ):  # fmt: skip
        verb = option(verb)
    return verb


@click.group(invoke_without_command=True, epilog=_EPILOG)
@_filters
@json_option
@debug_option
@click.pass_context
def kept(
    context: click.Context, find: str | None, tag: str | None, run: str | None, sort: Order, as_json: bool
) -> None:
    """List, show, make again, edit, tag, export or delete kept texts."""
    if context.invoked_subcommand is None:
        _list(_chosen(find, tag, run, sort), as_json=as_json)
    elif as_json or find or tag or run or sort != "date":
        raise click.UsageError(f"Put options after '{context.invoked_subcommand}'.")


@kept.command("list")
@_filters
@json_option
@debug_option
def list_kept(find: str | None, tag: str | None, run: str | None, sort: Order, as_json: bool) -> None:
    """List kept texts, repeats folded."""
    _list(_chosen(find, tag, run, sort), as_json=as_json)


def _list(rows: list[tuple[Kept, int]], *, as_json: bool) -> None:
    from ...core.keeping.collection import as_values

    if as_json:
        for text, times in rows:
            write_json({**as_values(text), "times": times})
        return
    console = console_for_people()
    if not rows:
        console.print("Nothing here; keep an answer on the Prompt screen with F7, or with 'generate --keep'.")
        return
    numbers = ("words", "bits/word", "copied")
    table = bare_table("id", "text", *numbers, "tags", "run", "age", right=numbers)
    for text, times in rows:
        table.add_row(
            plain(text.id, "bold"),
            plain(shortened(text.text, 60) + (f" ×{times}" if times > 1 else "")),
            count(text.words),
            decimal(text.bits, 2),
            percent(text.copied),
            plain(" ".join(text.tags)),
            plain(text.run or NOTHING),
            age(text.when),
        )
    console.print(table)


@kept.command()
@_ID
@json_option
@debug_option
def show(id_: str, as_json: bool) -> None:
    """Show the kept text ID with all that is known of it."""
    from ...core.keeping.collection import as_values

    text = _collection().find(id_)
    if as_json:
        write_json(as_values(text))
        return
    console = console_for_people()
    console.print(plain(f"{text.text}\n"), soft_wrap=True)
    table = bare_table("", "")
    table.show_header = False
    for label, value in _facts(text):
        table.add_row(label, plain(value))
    console.print(table)


def _facts(text: Kept) -> list[tuple[str, str]]:
    origin = text.origin
    facts = [("id", text.id), ("kept", f"{age(text.when)} ago" if text.when else NOTHING)]
    if text.made:
        facts.append(("as said", shortened(text.made)))
    facts += [("prompt", shortened(text.prompt) or NOTHING), ("tags", " ".join(text.tags) or NOTHING)]
    if origin is None:
        return [*facts, ("said by", "a person")]
    drawn = origin.drawn[-1]
    before = [read.text for read in origin.read][:-1] if text.prompt else [read.text for read in origin.read]
    return [
        *facts,
        ("said by", one_line(origin.label or origin.run) + (", mixed with n-grams" if origin.mixed else "")),
        ("weights", origin.weights or NOTHING),
        ("seed", f"{drawn.seed}, from word {origin.place} on"),
        ("sampling", NOTHING if drawn.sampling is None else _sampling(drawn.sampling)),
        ("read before", shortened("".join(before)) or NOTHING),
        ("surprise", f"{decimal(text.bits, 2)} bits a word"),
        ("copied", f"{percent(text.copied)} of its words, in stretches of five and more"),
    ]


def _sampling(sampling: object) -> str:
    from dataclasses import asdict

    return ", ".join(f"{name.replace('_', '-')} {value}" for name, value in asdict(sampling).items())  # pyright: ignore[reportArgumentType]


@kept.command()
@_ID
@json_option
@debug_option
def again(id_: str, as_json: bool) -> None:
    """Make the kept text ID anew, word for word, by the weights that said it."""
    from ...core.errors import RunError
    from ...core.home import runs_folder
    from ...core.keeping.journals import KeepingError
    from ...core.keeping.remaking import remade
    from ...core.runs.store import RunStore

    text = _collection().find(id_)
    if text.origin is None:
        raise KeepingError(f"A person wrote {text.id}; there is no model to say it again.")
    made = remade(text.origin, RunStore(runs_folder()))
    same = made == text.as_said
    if as_json:
        write_json({"id": text.id, "text": made, "same": same, "edited": bool(text.made)})
    else:
        console_for_people().print(plain(made), soft_wrap=True)
    if text.made:
        complain(f"This is what was said; {text.id} was edited since.")
    if not same:
        raise RunError("The same weights say something else here: the words are rounded otherwise on this machine.")


@kept.command()
@_ID
@click.argument("text")
@debug_option
def edit(id_: str, text: str) -> None:
    """Give the kept text ID other words: TEXT."""
    collection = _collection()
    found = collection.find(id_)
    collection.edit(found.id, text)
    _say(f"{found.id} is changed")


@kept.command()
@_ID
@click.argument("tags", nargs=-1)
@debug_option
def tag(id_: str, tags: tuple[str, ...]) -> None:
    """Give the kept text ID these TAGS and no others."""
    collection = _collection()
    found = collection.find(id_)
    collection.tag(found.id, tags)
    _say(f"{found.id} has the tags {' '.join(tags)}" if tags else f"{found.id} has no tags any more")


@kept.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(KEPT_FORMATS), help="[default: from FILE, or text]")
@_filters
@debug_option
def export(
    file: Path | None, form: str | None, find: str | None, tag: str | None, run: str | None, sort: Order
) -> None:
    """Write kept texts into FILE, or to standard output."""
    from ...core.keeping.handouts import format_of, kept_as, write_new

    texts = [text for text, _ in _chosen(find, tag, run, sort)]
    chosen = format_of(file, form)
    content = kept_as(chosen if chosen in KEPT_FORMATS else "text", texts)
    if file is None:
        sys.stdout.write(content)
        return
    write_new(file, content)
    _say(f"{count(len(texts))} text{'s' * (len(texts) != 1)} in {file}")


@kept.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True, shell_complete=kept_for)
@click.option("--yes", is_flag=True, help="Do not ask.")
@debug_option
def delete(ids: tuple[str, ...], yes: bool) -> None:
    """Delete the kept texts ID... for good."""
    collection = _collection()
    found = [collection.find(id_) for id_ in ids]
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("Without a terminal nobody can be asked; add --yes to delete.")
        named = ", ".join(f"{text.id} ({shortened(text.text, 40)})" for text in found)
        if not click.confirm(f"Delete {one_line(named)} for good?", err=True):
            _say("nothing was deleted")
            return
    collection.drop([text.id for text in found])
    _say(f"{', '.join(text.id for text in found)} deleted")


def _say(text: str) -> None:
    console_for_people().print(plain(one_line(text)), soft_wrap=True)
