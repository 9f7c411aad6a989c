"""What a second process gains: the time of a step, of its exchange, and the speed against one process.

Each process has one thread and a core of its own. Every batch is the same in both cases, so one process reads all of
it and each of two reads half. Rounds are made in turns. What more machines would give is computed, from the measured
time of the passes and of everything else, and from the bytes of the exchange, for a ring over links of a given speed.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from typing import Any

from report import cores, parser, say, show, skip, spread

_NETWORKS = {"small": 32, "medium": 32, "wide": 128}
"""Texts a batch; ``wide`` is medium with larger batches, as one takes them for many processes."""
_LINKS = (("8 GPUs, NVLink", 8, 200e9, 10e-6, 20.0), ("16 machines, 10 Gbit/s", 16, 1.25e9, 50e-6, 1.0))
"""Name, processes, bytes a second of each link, seconds until a message arrives, and how many times as fast as this
core each process computes: assumed, not measured."""


def measure(network: str, steps: int, core: int) -> dict[str, Any]:
    """Make some steps as one process of a team and return how long they took."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    import torch

    torch.set_num_threads(1)
    from dataclasses import replace

    from jokegen.core.events import StepDone
    from jokegen.core.recipes import network_for, recipe_for
    from jokegen.core.settings import TrainingSettings
    from jokegen.core.training.assembling import joined_as_helper
    from jokegen.core.training.device import Machine
    from jokegen.core.training.preparation import make_trainer
    from jokegen.data.corpus import build_corpus
    from jokegen.data.reading import read_texts

    settings = TrainingSettings(batch_size=_NETWORKS[network])
    preset = "medium" if network == "wide" else network
    recipe = replace(recipe_for(settings, preset, 100_000), epochs=1000)
    corpus = build_corpus(read_texts("starter"), recipe.tokenizer)
    config = network_for(recipe, corpus.tokenizer.vocabulary_size)
    with joined_as_helper() as team:
        machine = Machine("cpu", "float32", 1)
        trainer = make_trainer(corpus, recipe, machine, settings, config=config, team=team)
        done = (event for event in trainer.events() if isinstance(event, StepDone))
        for _ in range(5):
            next(done)
        began, exchanged, computed = time.perf_counter(), team.seconds, time.process_time()
        events = [next(done) for _ in range(steps)]
        spent = time.perf_counter() - began
        return {
            "milliseconds": 1e3 * spent / steps,
            "computing": 1e3 * (time.process_time() - computed) / steps,
            "exchange": 1e3 * (team.seconds - exchanged) / steps,
            "megabytes": 4e-6 * config.parameters,
            "tokens": sum(event.tokens for event in events) / steps,
        }


def train(network: str, size: int, steps: int) -> dict[str, Any]:
    """Measure ``size`` processes at the same time and return what the first one says."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(size))
    team = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "OMP_NUM_THREADS": "1"}
    started = [
        subprocess.Popen(
            [sys.executable, __file__, "--network", network, "--steps", str(steps), "--core", str(usable[rank])],
            env={**os.environ, **team, "RANK": str(rank)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(size)
    ]
    said = [process.communicate()[0] for process in started]
    if any(process.returncode for process in started):
        raise SystemExit("a process failed")
    return json.loads(said[0].splitlines()[-1])


def expected(one: float, beside: float, megabytes: float, link: tuple[str, int, float, float, float]) -> str:
    """Say what many processes would gain: each computes its share and what all do, then comes a ring's exchange."""
    _, size, rate, delay, faster = link
    ring = 2 * (size - 1) * (megabytes * 1e6 / size / rate + delay) * 1e3
    step = ((one - beside) / size + beside) / faster + ring
    return f"{one / faster / step:.1f} × of {size}, exchange {ring:.2f} of {step:.2f} ms"


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--steps", type=int, default=40, help="steps of a round (default: 40)")
    options.add_argument("--rounds", type=int, default=3, help="how often, in turns (default: 3)")
    options.add_argument("--network", choices=_NETWORKS, help="only this one")
    options.add_argument("--core", type=int, help="be one process of a team, on this core")
    args = options.parse_args()
    if args.core is not None:
        print(json.dumps(measure(args.network, args.steps, args.core)))
        return
    if cores() < 2:
        skip(args, "two processes need two cores.")
    rows = [
        ("network", "MB exchanged", "1 process, ms a step", "2, ms a step", "of it exchange and waiting", "speed",
         "core time of a step: 1, each of 2", "ratio")
    ]  # fmt: skip
    computed = [("network", *(link[0] for link in _LINKS))]
    found: dict[str, Any] = {}
    networks = [args.network] if args.network else [*_NETWORKS]
    for network in networks:
        runs: dict[int, list[dict[str, float]]] = {1: [], 2: []}
        for number in range(args.rounds):
            for size, of_size in runs.items():
                say(f"{network}, round {number + 1}: {size} process{'es' if size > 1 else ''}")
                of_size.append(train(network, size, args.steps))
        one, two = ([run["milliseconds"] for run in runs[size]] for size in (1, 2))
        # On a machine that others use too, the time that a core has spent says more than the time of day.
        alone, both = ([run["computing"] for run in runs[size]] for size in (1, 2))
        exchange = [run["exchange"] for run in runs[2]]
        megabytes = runs[1][0]["megabytes"]
        speeds = [first / second for first, second in zip(one, two, strict=True)]
        name = f"{network}, {_NETWORKS[network]} texts, {runs[1][0]['tokens']:.0f} tokens"
        rows.append((name, f"{megabytes:.1f}", spread(one, ".1f"), spread(two, ".1f"), spread(exchange, ".1f"),
                     f"{spread(speeds, '.2f')} ×", f"{spread(alone, '.1f')}, {spread(both, '.1f')}",
                     f"{statistics.fmean(alone) / statistics.fmean(both):.2f} ×"))  # fmt: skip
        # What does not shrink with the share of a batch: the optimizer, the average, the masks.
        whole = statistics.fmean(alone)
        beside = max(2 * statistics.fmean(both) - whole, 0.0)
        computed.append((name, *(expected(whole, beside, megabytes, link) for link in _LINKS)))
        found[network] = {"one": one, "two": two, "exchange": exchange, "megabytes": megabytes, "beside": beside,
                          "core_time": {"one": alone, "two": both}}  # fmt: skip
    figure, reference = (statistics.fmean(values) for values in (found[networks[-1]][size] for size in ("two", "one")))
    show(
        args,
        f"One process and two: {args.rounds} rounds of {args.steps} steps, a core and a thread each",
        rows,
        figure=figure,
        reference=reference,
        ratio=reference / figure,
        precision="float32",
        networks=found,
    )
    print("Computed, not measured, for the same batch: GPUs taken as 20 times this core, machines as fast as it\n")
    for row in computed:
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
