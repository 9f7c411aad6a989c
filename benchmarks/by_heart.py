"""The overfit clock where the answer is known: what it says, and what looking costs of the training's processor time.

Three corpora from the bundled jokes, each trained with the default preset: all of them; some of them and then the same
ones again, each with a dot more, so that they are no exact repeats; and those as one long text whose second half
repeats the first. The first is not to be called learned by heart, the others are, or at least what they hold out. All
jokes for all epochs of the recipe take many minutes, so they get fewer unless ``--whole`` is given. The times are those
of the processor on one thread, so that what else runs on the machine does not count.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from report import Row, parser, quiet_home, say, show

MOST = 0.02


def write_corpora(folder: Path, count: int) -> list[tuple[str, bool, dict[str, str]]]:
    """Write the corpora; return of each its source, whether it is to be learned by heart, and settings."""
    from jokegen.data.reading import read_texts

    texts = read_texts("starter").texts.tolist()[:count]
    twice, whole = folder / "twice.txt", folder / "one text.txt"
    twice.write_text("\n".join([*texts, *(f"{text} ." for text in texts)]), encoding="utf-8")
    half = "\n".join(texts)
    whole.write_text(f"{half}\n{half}\n", encoding="utf-8")
    return [("starter", False, {}), (str(twice), True, {}), (str(whole), True, {"texts": "whole"})]


def train_once(source: str, chosen: dict[str, str], folder: Path, epochs: int | None) -> tuple[str, Row, float]:
    """Train; return the verdict in a few words, the figures, and the share of the time that looking took."""
    from jokegen.core.events import Ended, EpochDone, Remembered, SampleMade
    from jokegen.core.runs.store import RunStore
    from jokegen.core.runs.verdict import verdict
    from jokegen.core.settings import make_settings
    from jokegen.core.speaking.remembering import Memory
    from jokegen.core.training.workflow import TrainingRequest, train

    spent = [0.0]
    look = Memory._look  # pyright: ignore[reportPrivateUsage]

    def timed(self: Memory, *values: object, **named: object) -> Remembered:
        began = time.process_time()
        try:
            return look(self, *values, **named)
        finally:
            spent[0] += time.process_time() - began

    Memory._look = timed
    settings = make_settings({"max_epochs": epochs, **chosen})
    began = time.process_time()
    try:
        events = list(train(TrainingRequest(source, settings, name=Path(source).stem), RunStore(folder)))
    finally:
        Memory._look = look
    seconds = time.process_time() - began
    done = [event for event in events if isinstance(event, EpochDone)]
    said = [event for event in events if isinstance(event, SampleMade)]
    found = [event for event in events if isinstance(event, Remembered)]
    ended = events[-1]
    if not isinstance(ended, Ended) or ended.remembered is None:
        raise SystemExit("The training ended without figures.")
    live = verdict(done, said, found, goes_on=True)
    after = verdict(done, said, [*found, ended.remembered], goes_on=False)
    shares = (
        f"{share:.1%}" if share is not None else "–"
        for share in (
            ended.remembered.copied,
            ended.remembered.held_out,
            ended.remembered.copied_texts,
            ended.remembered.held_out_texts,
        )
    )
    words = f"{live.short if live else '–'}; at the end: {after.short if after else 'nothing'}"
    return words, (*shares, str(len(found)), f"{spent[0] / seconds:.2%}", f"{seconds:.0f} s"), spent[0] / seconds


def main() -> None:
    options: argparse.ArgumentParser = parser(__doc__)
    options.add_argument("--texts", type=int, default=400, help="jokes that are repeated (default: 400)")
    options.add_argument("--epochs", type=int, default=3, help="epochs with all jokes (default: 3)")
    options.add_argument("--whole", action="store_true", help="all epochs of the recipe, also with all jokes")
    args = options.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # before torch is loaded
    rows: list[Row] = [
        ("texts", "says", "copied", "held out", "whole texts", "held out", "looks", "cost", "processor time"),
    ]
    costs: list[float] = []
    right = True
    with quiet_home() as home:
        for source, heart, chosen in write_corpora(home, args.texts):
            epochs = None if heart or args.whole else args.epochs
            said, figures, cost = train_once(source, chosen, home / "runs", epochs)
            right &= ("by heart" in said) == heart
            costs.append(cost)
            rows.append((Path(source).stem, said, *figures))
            say(" | ".join(rows[-1]))
    say("every answer is right" if right else "an answer is WRONG")
    show(args, "What was learned by heart", rows, figure=max(costs), reference=MOST, ratio=max(costs) / MOST)


if __name__ == "__main__":
    main()
