"""Two runs with one vocabulary speak as one; runs with two are refused in a sentence."""

import numpy as np
import pytest
from jokegen.core.errors import RunError
from jokegen.core.speaking.blending import blended
from jokegen.core.speaking.choices import Sampling
from jokegen.core.speaking.loading import load_generator, load_run
from jokegen.core.speaking.predictors import mix

SMALL = {"preset": "small", "max_epochs": 2}


def said(generator):
    return [word.text for word in generator.stream(generator.read("Why did the"), Sampling(), 3, 12)]


@pytest.mark.parametrize("other", [{**SMALL, "seed": 1}, {"preset": "ngram"}], ids=["network", "n-grams"])
def test_a_blend_has_a_share_of_each_one_s_probability(trained, other):
    first, second = trained(**SMALL), trained(**other)
    valid = load_run(first).corpus.valid
    found = blended(first, second, 0.3).predictor.log_probabilities(valid)
    alone = [load_run(run).predictor.log_probabilities(valid) for run in (first, second)]
    np.testing.assert_allclose(found, mix(*alone, 0.3), rtol=1e-6)
    generator = blended(first, second, 0.3)
    step_by_step = generator.predictor.logits(generator.read("Why did the").state)
    assert np.exp(step_by_step).sum() == pytest.approx(1.0, abs=1e-4)
    assert generator.label == "0.3 run + 0.7 run"


def test_all_of_one_run_says_what_it_says_alone(trained):
    first, second = trained(**SMALL), trained(**SMALL, seed=1)
    assert said(blended(first, second, 1.0)) == said(load_generator(first))
    assert said(blended(first, second, 0.0)) == said(load_generator(second))


def test_different_vocabularies_are_a_sentence(trained):
    with pytest.raises(RunError, match="have different vocabularies, so their words cannot be blended; train both"):
        blended(trained(**SMALL), trained(**SMALL, tokenizer="chars"))
