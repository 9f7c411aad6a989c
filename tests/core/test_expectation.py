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
    assert len(rows) >= 20
    missed: list[float] = []
    for row in rows:
        gain = math.log(float(row["unigram_perplexity"]) / float(row["ngram_perplexity"]))
        sizes = (int(row["train_texts"]), int(row["train_tokens"]), int(row["vocabulary"]))
        expected = expected_times_ngram(recipe, *sizes, float(row["epochs"]), gain)
        assert expected is not None
        missed.append(abs(expected - float(row["times_ngram"])))
    assert sum(missed) < 0.04 * len(rows)
    assert max(missed) < 0.12


def test_more_training_promises_more_and_another_network_nothing():
    recipe = recipe_for(make_settings({"tokenizer": "words"}), "small")
    promised = [expected_times_ngram(recipe, 5_000, 100_000, 2000, epochs, 1.5) for epochs in (1, 2, 5, 20)]
    assert promised == sorted(promised, reverse=True)
    assert all(promised)
    often, seldom = (expected_times_ngram(recipe, 5_000, tokens, 2000, 100, 1.5) for tokens in (100_000, 50_000))
    assert often < seldom < 1, "the oftener a word stands in the texts, the more is learned of it"
    for other in (
        replace(recipe, preset="medium"),
        replace(recipe, tokenizer="chars"),
        replace(recipe, layout="stream"),
        replace(recipe, hidden=32),
        replace(recipe, dropout=0.0),
    ):
        assert expected_times_ngram(other, 5_000, 100_000, 2000, 5, 1.5) is None
    assert expected_times_ngram(recipe, 10, 150, 50, 1, 1.5) is None
    assert expected_times_ngram(recipe, 2_000_000, 40_000_000, 2000, 5, 1.5) is None
