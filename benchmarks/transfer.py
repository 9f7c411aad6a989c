"""When starting from another run pays: a few hundred new texts, from the model of the starter jokes or afresh.

Both get the same training time. The validation split's bits per character are measured, unknown words spelled, because
the vocabularies differ; and beside them how much worse the old validation texts are predicted afterwards.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from report import JOKES, Row, data_file, parser, quiet_home, say, show, spread

SEEDS = (0, 1, 2)


def some_texts(options: argparse.Namespace, folder: Path) -> Path:
    """Write the first of the texts into a file of their own, a JSON line each."""
    import json

    from jokegen.data.reading import read_texts

    texts = read_texts(data_file(options, JOKES)).texts.tolist()[: options.count]
    path = folder / "new.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    return path


def train_once(path: Path, seconds: float, seed: int, start_from: str | None, folder: Path) -> tuple[float, float]:
    """Train a run; return its bits per character of the validation split, and what the old texts cost more, nats."""
    from jokegen.core.events import Ended
    from jokegen.core.runs.store import RunStore
    from jokegen.core.settings import make_settings
    from jokegen.core.training.workflow import TrainingRequest, train

    settings = make_settings({"preset": "small", "tokenizer": "words", "seed": seed, "max_seconds": seconds})
    for event in train(TrainingRequest(str(path), settings, start_from=start_from), RunStore(folder)):
        if isinstance(event, Ended) and event.valid is not None:
            kept = event.transfer
            forgotten = 0.0 if kept is None else (kept.old_after or 0.0) - (kept.old_before or 0.0)
            return event.valid.spelled_bits_per_character or 0.0, forgotten
    raise SystemExit("The training ended without figures.")


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--count", type=int, default=500, help="how many new texts (default: 500)")
    options.add_argument("--seconds", type=float, nargs="+", default=[5.0, 15.0], help="training time of each")
    args = options.parse_args()
    from jokegen.core.runs.voice import BUNDLED

    rows: list[Row] = [("training time", "afresh", "from the starter's model", "ratio", "old texts, nats worse")]
    ratio = 0.0
    with quiet_home() as home:
        path = some_texts(args, home)
        for seconds in args.seconds:
            afresh, started, forgotten = list[float](), list[float](), list[float]()
            for seed in SEEDS:
                say(f"{args.count} texts, {seconds:g} s, seed {seed}")
                afresh.append(train_once(path, seconds, seed, None, home / "runs")[0])
                bits, worse = train_once(path, seconds, seed, BUNDLED, home / "runs")
                started.append(bits)
                forgotten.append(worse)
            ratio = statistics.fmean(started) / statistics.fmean(afresh)
            rows.append((f"{seconds:g} s", spread(afresh), spread(started), f"{ratio:.3f}", spread(forgotten, ".2f")))
            say(" | ".join(rows[-1]))
    show(
        args,
        f"Bits per character of the validation split of {args.count} new texts, mean of {len(SEEDS)} seeds",
        rows,
        figure=ratio,
        reference=1.0,
        ratio=ratio,
    )


if __name__ == "__main__":
    main()
