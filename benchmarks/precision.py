"""What bfloat16 costs and gives on this processor: memory and speed of a training, beside the same one in float32.

Each training is a process of its own, in turns. Memory is all that the process holds; the speed is by seconds of
processor time, so that other programs count less.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from report import JOKES, data_file, parser, say, show, spread

PRECISIONS = ("float32", "bfloat16")


def train(path: Path, precision: str, steps: int) -> dict[str, float]:
    """Train ``steps`` steps of the preset `small` and return megabytes, half-way and at last, and tokens a second."""
    from jokegen.core.events import StepDone
    from jokegen.core.settings import make_settings
    from jokegen.core.training.device import choose_machine
    from jokegen.core.training.preparation import make_trainer, prepare_corpus, read_source

    values = {"preset": "small", "device": "cpu", "precision": precision, "max_epochs": 100_000}
    settings = make_settings(values)
    prepared = prepare_corpus(read_source(str(path), settings), settings)
    trainer = make_trainer(prepared.corpus, prepared.recipe, choose_machine(settings), settings)
    began, tokens, half = time.process_time(), 0, 0.0
    for event in trainer.events():
        if isinstance(event, StepDone):
            tokens += event.tokens
            if event.step == steps // 2:
                half = held()
            if event.step == steps:
                break
    return {"half": half, "memory": held(), "speed": tokens / (time.process_time() - began)}


def held() -> float:
    """Return the megabytes that this process holds now."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--steps", type=int, default=1000, help="(default: 1000)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument("--part", choices=PRECISIONS, help=argparse.SUPPRESS)
    args = options.parse_args()
    path = data_file(args, JOKES)
    if args.part is not None:
        print(json.dumps(train(path, args.part, args.steps)))
        return
    found: dict[str, list[dict[str, float]]] = {precision: [] for precision in PRECISIONS}
    for number in range(args.rounds):
        for precision in PRECISIONS:
            say(f"round {number + 1}: {precision}")
            command = [sys.executable, __file__, "--data", str(args.data), "--part", precision]
            command += ["--steps", str(args.steps)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found[precision].append(json.loads(done.stdout))
    full, low = (found[precision] for precision in PRECISIONS)
    memory = [b["memory"] / a["memory"] for a, b in zip(full, low, strict=True)]
    speed = [b["speed"] / a["speed"] for a, b in zip(full, low, strict=True)]
    show(
        args,
        f"bfloat16 beside float32: preset small, {args.steps:,} steps, {args.rounds} rounds",
        [
            ("", "memory at half, MB", "memory at last, MB", "tokens a second of processor time"),
            *(
                (name, *(spread([one[part] for one in found[name]], ",.0f") for part in ("half", "memory", "speed")))
                for name in PRECISIONS
            ),
            ("bfloat16 / float32", "", spread(memory, ".2f"), spread(speed, ".2f")),
        ],
        figure=statistics.fmean(one["memory"] for one in low),
        reference=statistics.fmean(one["memory"] for one in full),
        ratio=statistics.fmean(memory),
        speed_ratio=statistics.fmean(speed),
    )


if __name__ == "__main__":
    main()
