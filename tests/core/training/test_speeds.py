"""The speed of a machine is remembered, so that the same request is promised the same and what is shown is started."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from jokegen.core.events import Started
from jokegen.core.home import cache_folder
from jokegen.core.training import workflow
from jokegen.core.training.device import Machine
from jokegen.core.training.estimation import estimate, fitted_to_time, measure_seconds, times_ngram_of
from jokegen.core.training.preparation import prepare_corpus, read_source
from jokegen.core.training.speeds import correct_speed, seconds_a_token


def test_a_speed_is_remembered_until_a_training_shows_another(make_request):
    settings, machine = make_request(hidden=8).settings, Machine("cpu", "float32", 1)
    prepared = prepare_corpus(read_source(make_request().source, settings), settings)
    corpus, recipe = prepared.corpus, prepared.recipe
    tokens = len(corpus.train.tokens)
    found = seconds_a_token(corpus, recipe, machine, settings)
    assert seconds_a_token(corpus, recipe, machine, settings) == found
    correct_speed(corpus, recipe, machine, 1.2 * found * tokens)
    assert seconds_a_token(corpus, recipe, machine, settings) == found
    correct_speed(corpus, recipe, machine, 2.0 * found * tokens)
    assert seconds_a_token(corpus, recipe, machine, settings) == pytest.approx(2.0 * found)
    correct_speed(corpus, replace(recipe, hidden=16), machine, 0.01 * tokens)
    assert seconds_a_token(corpus, replace(recipe, hidden=16), machine, settings) == pytest.approx(0.01)

    (file,) = cache_folder().glob("speeds.json")
    for damage in ("{", "[]", '{"a": "b"}', "\xff"):
        file.write_text(damage, encoding="latin-1")
        assert seconds_a_token(corpus, recipe, machine, settings) > 0

    correct_speed(corpus, recipe, machine, 10.0)
    asked = replace(settings, max_epochs=None, max_seconds=60.0)
    recipe = fitted_to_time(corpus, recipe, machine, asked)
    assert 4 <= recipe.epochs <= 6
    assert measure_seconds(corpus, recipe, machine, asked) == pytest.approx(60.0, rel=0.2)


def test_what_is_promised_for_a_time_is_what_starts(make_request, store):
    request = make_request(max_epochs=None, max_seconds=5.0, hidden=8)
    promised = estimate(request.source, request.settings)
    assert promised.seconds <= 5.0
    events = workflow.train(request, store)
    started = next(event for event in events if isinstance(event, Started))
    events.close()
    assert started.total_epochs == promised.epochs
    assert started.preset == promised.preset
    assert promised.epochs - 1 < promised.epochs_in_time <= promised.epochs
    assert promised.memory_bytes > 4e8
    assert promised.times_ngram is None, "nothing was measured of networks of this width"


def test_how_fast_the_machine_was_decides_the_time_that_is_told_and_not_the_network(make_request):
    request = make_request(preset="auto", max_epochs=4)
    machine, told = Machine("cpu", "float32", torch.get_num_threads()), []
    prepared = prepare_corpus(read_source(request.source, request.settings), request.settings)
    for seconds_an_epoch in (0.5, 300.0):
        correct_speed(prepared.corpus, prepared.recipe, machine, seconds_an_epoch)
        told.append(estimate(request.source, request.settings))
    assert told[0].preset == told[1].preset == "small"
    assert told[1].seconds > 10 * told[0].seconds


def test_more_epochs_are_expected_to_gain_more_and_hardly_any_are_promised_nothing(make_request):
    request = make_request(preset="small", tokenizer="words", hidden=None)
    prepared = prepare_corpus(read_source(request.source, request.settings), request.settings)
    few, many = (times_ngram_of(prepared.corpus, prepared.recipe, epochs) for epochs in (20, 200))
    assert few is not None
    assert many is not None
    assert 0 < many < few < 10
    assert times_ngram_of(prepared.corpus, prepared.recipe, 0.01) is None
