"""What a step makes smaller beside the loss: the penalties of Merity et al. 2017, and those of older runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from jokegen.core.recipes import Recipe, recipe_for
from jokegen.core.settings import make_settings
from jokegen.core.training.device import Machine
from jokegen.core.training.objective import penalties
from jokegen.core.training.preparation import make_trainer
from jokegen.data.batching import NO_TOKEN, Batch
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts

LENGTHS = (5, 1, 3, 4)
"""Tokens to predict in each text of the batch."""
RECIPE = replace(recipe_for(make_settings({}), "small"), activation_penalty=2.0, change_penalty=3.0)


def batch_of(lengths: tuple[int, ...]) -> Batch:
    places = np.arange(max(LENGTHS))[:, None]
    targets = np.where(places < np.array(lengths), places, NO_TOKEN)
    return Batch(targets, targets, fresh=True)


def penalty(recipe: Recipe, columns: slice = slice(None)) -> float:
    random = torch.Generator().manual_seed(1)
    outputs, features = (torch.randn(max(LENGTHS), len(LENGTHS), 7, generator=random) for _ in range(2))
    mine, whole = batch_of(LENGTHS[columns]), batch_of(LENGTHS)
    predicted = torch.from_numpy(mine.predicted)
    return float(penalties(recipe, outputs[:, columns], features[:, columns], predicted, mine, whole))


def test_the_penalties_are_those_of_the_paper_of_each_text_and_nothing_behind_its_end() -> None:
    random = torch.Generator().manual_seed(1)
    outputs, features = (torch.randn(max(LENGTHS), len(LENGTHS), 7, generator=random) for _ in range(2))
    read = torch.cat([features[:length, text] for text, length in enumerate(LENGTHS)])
    changes = torch.cat([outputs[:length, text].diff(dim=0) for text, length in enumerate(LENGTHS)])
    expected = 2.0 * read.square().mean() + 3.0 * changes.square().mean()
    assert penalty(RECIPE) == pytest.approx(float(expected))


def test_runs_that_do_not_say_what_is_penalised_keep_the_penalties_they_had() -> None:
    values = RECIPE.to_dict()
    assert Recipe.from_dict(values) == RECIPE
    del values["penalised"]
    random = torch.Generator().manual_seed(1)
    _, features = (torch.randn(max(LENGTHS), len(LENGTHS), 7, generator=random) for _ in range(2))
    expected = 2.0 * features.square().mean() + 3.0 * features.diff(dim=0).square().mean()
    assert penalty(Recipe.from_dict(values)) == pytest.approx(float(expected))


@pytest.mark.parametrize("penalised", ["predicting", "padded"])
def test_the_penalties_of_the_parts_of_a_batch_add_up(penalised: str) -> None:
    recipe = replace(RECIPE, penalised=penalised)
    parts = [penalty(recipe, columns) for columns in (slice(0, 1), slice(1, 2), slice(2, 4))]
    assert sum(parts) == pytest.approx(penalty(recipe))


def test_penalties_make_what_the_output_reads_smaller_and_steadier(corpus_file) -> None:
    corpus = build_corpus(read_texts(corpus_file), "words")

    def size_and_change(activation: float, change: float) -> tuple[float, float]:
        recipe = replace(recipe_for(make_settings({"max_epochs": 4}), "small"), activation_penalty=activation)
        settings = make_settings({"preset": "small", "seed": 3})
        machine = Machine("cpu", "float32", 1)
        trainer = make_trainer(corpus, replace(recipe, change_penalty=change), machine, settings, lambda: False)
        list(trainer.events())
        text = torch.from_numpy(corpus.train.tokens[:40].astype("int64")).unsqueeze(1)
        with torch.no_grad():
            features, _ = trainer.model.eval().read(text, trainer.model.initial_state(1))
        return float(features.square().mean()), float(features.diff(dim=0).square().mean())

    plain, small, steady = size_and_change(0.0, 0.0), size_and_change(20.0, 0.0), size_and_change(0.0, 60.0)
    assert small[0] < 0.5 * plain[0]
    assert steady[1] < 0.5 * plain[1]
