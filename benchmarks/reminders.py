"""How long it takes until a network can say what a place reminds it of, and then at each place.

The model that comes with JokeGen reads the first of its own training texts; then places of its held-out texts are
looked up. Every answer is compared with the nearest of all states in double precision.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

import time

import numpy as np
from jokegen.core.runs.store import RunStore
from jokegen.core.speaking.loading import load_run
from jokegen.core.speaking.predictors import NetworkPredictor
from jokegen.core.speaking.reminders import StateIndex
from jokegen.data.corpus import Split
from report import middle, parser, quiet_home, say, show


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--tokens", type=int, default=30_000, help="of the training texts (default: 30000)")
    options.add_argument("--looks", type=int, default=200, help="places to look up (default: 200)")
    options.add_argument("--rounds", type=int, default=3, help="how often it is built (default: 3)")
    args = options.parse_args()
    with quiet_home() as home:
        loaded = load_run(RunStore(home / "runs").newest())
    predictor, whole, valid = loaded.predictor, loaded.corpus.train, loaded.corpus.valid
    if not isinstance(predictor, NetworkPredictor) or valid is None:
        raise SystemExit("The model that comes with JokeGen is no network, or has no held-out texts.")
    texts = int(np.searchsorted(whole.offsets, args.tokens, side="right")) - 1
    tokens = whole.tokens[: whole.offsets[texts]]
    train = Split("train", tokens, whole.offsets[: texts + 1], 0, 0, 0)
    built: list[float] = []
    for _ in range(args.rounds):
        began = time.perf_counter()
        index = StateIndex.build(predictor.network, train, loaded.tokenizer)
        built.append(time.perf_counter() - began)
        say(f"{len(tokens):,} tokens read in {built[-1]:.2f} s")
    index = StateIndex.build(predictor.network, train, loaded.tokenizer)
    exact = index.states.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1)[:, None]
    state = predictor.initial_state(1)
    spent: list[float] = []
    missed = 0.0
    for token in valid.tokens[: args.looks].tolist():
        state = predictor.read([[token]], state)
        began = time.perf_counter()
        found = index.nearest(state, 5)
        spent.append(1000 * (time.perf_counter() - began))
        wanted = state[0][-1, 0].astype(np.float64)
        missed = max(missed, float((exact @ wanted).max() / np.linalg.norm(wanted)) - found[0].similarity)
    show(
        args,
        f"Reminders: {len(tokens):,} tokens, {index.states.shape[1]} hidden units, {index.states.nbytes / 1e6:.0f} MB",
        [
            ("", "median, lowest and highest"),
            ("built, s", middle(built)),
            ("a look, ms", middle(spent, ".1f")),
            ("nearest of all states, less similar by at most", f"{missed:.1e}"),
        ],
        figure=float(np.median(built)),
        reference=3.0,
        ratio=float(np.median(built)) / 3.0,
        look_milliseconds=float(np.median(spent)),
    )


if __name__ == "__main__":
    main()
