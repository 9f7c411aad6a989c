"""What is expected of a network grows with its training, and nothing is expected where nothing was measured."""

import csv
import math
from dataclasses import replace
from pathlib import Path

from jokegen.core.expectation import expected_times_ngram
from jokegen.core.recipes import recipe_for
from jokegen.core.settings import make_settings

MEASURED = Path(__file__).parents[2] / "benchmarks" / "expectations.csv"


def test_the_fit_is_that_of_the_measurements():
    recipe = recipe_for(make_settings({"tokenizer": "words"}), "small")
    with MEASURED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 8
    close = 0
    for row in rows:
        gain = math.log(float(row["unigram_perplexity"]) / float(row["ngram_perplexity"]))
        values = (int(row["train_texts"]), float(row["epochs"]), int(row["vocabulary"]))
        expected = expected_times_ngram(recipe, *values, gain)
        assert expected is not None
        close += abs(expected - float(row["times_ngram"])) < 0.05
    assert close >= 0.75 * len(rows)


def test_more_training_promises_more_and_another_network_nothing():
    recipe = recipe_for(make_settings({"tokenizer": "words"}), "small")
    promised = [expected_times_ngram(recipe, 5_000, epochs, 2000, 1.5) for epochs in (1, 2, 5, 20)]
    assert promised == sorted(promised, reverse=True)
    assert all(promised)
    more, less = (expected_times_ngram(recipe, 5_000, 100, 2000, gain) for gain in (2.0, 1.0))
    assert more < less < 1, "the more there is to be learned from what stands before a word, the more is learned"
    for other in (
        replace(recipe, preset="medium"),
        replace(recipe, tokenizer="chars"),
        replace(recipe, layout="stream"),
        replace(recipe, hidden=32),
        replace(recipe, dropout=0.0),
    ):
        assert expected_times_ngram(other, 5_000, 5, 2000, 1.5) is None
    assert expected_times_ngram(recipe, 10, 1, 50, 1.5) is None
    assert expected_times_ngram(recipe, 2_000_000, 5, 2000, 1.5) is None
