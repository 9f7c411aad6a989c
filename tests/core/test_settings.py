import pytest
import torch
from jokegen.core.errors import SettingsError
from jokegen.core.recipes import network_for, recipe_for, resolve_preset
from jokegen.core.settings import PRESET_CHOICES, TrainingSettings, make_settings, read_settings
from jokegen.core.training.device import choose_machine, fastest_threads


def test_settings_survive_toml(tmp_path):
    settings = make_settings(
        {
            "preset": "tutorial",
            "max_epochs": 10,
            "learning_rate": 0.001,
            "seed": 2**63 - 1,
            "column": 'a "quoted"\n[table] ключ',
            "letters_only": True,
            "max_seconds": 60.5,
            "texts": "blank",
        }
    )
    path = tmp_path / "settings.toml"
    path.write_text(settings.to_toml(), encoding="utf-8")
    assert make_settings(read_settings(path)) == settings
    path.write_text(TrainingSettings().to_toml())
    assert make_settings(read_settings(path)) == TrainingSettings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("preset", "huge"),
        ("preset", "\x1b[31m"),
        ("max_epochs", 0),
        ("max_epochs", -3),
        ("max_epochs", 2.5),
        ("max_epochs", "many"),
        ("batch_size", 10**9),
        ("learning_rate", 0),
        ("learning_rate", 11),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("seed", -1),
        ("seed", 2**63),
        ("max_seconds", 0),
        ("patience", 0),
        ("tokenizer", "letters"),
        ("device", "tpu"),
        ("precision", "int4"),
        ("texts", "pages"),
        ("letters_only", "perhaps"),
        ("column", 3),
    ],
)
def test_a_wrong_value_is_named_in_one_sentence(name, value, tmp_path):
    with pytest.raises(SettingsError) as caught:
        make_settings({name: value})
    message = str(caught.value)
    assert message.startswith(f"{name.replace('_', '-')} is '")
    assert message.endswith(".")
    assert not any(ord(character) < 32 for character in message)


def test_an_unknown_setting_is_named_with_those_there_are():
    with pytest.raises(SettingsError, match="no setting 'epochs'; the settings are preset, max_epochs"):
        make_settings({"epochs": 3})


@pytest.mark.parametrize("content", [b"preset = ", b"\xff\xfe", b"preset = 'huge'", b"[deep]\nx = 1"])
def test_a_settings_file_that_cannot_be_is_a_sentence(tmp_path, content):
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError):
        read_settings(path)
    with pytest.raises(SettingsError, match="no settings file"):
        read_settings(tmp_path / "missing.toml")
    with pytest.raises(SettingsError, match="cannot be read"):
        read_settings(tmp_path)


def test_a_device_that_is_not_there_is_a_sentence():
    missing = [
        name
        for name, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()))
        if not there
    ]
    for name in missing:
        with pytest.raises(SettingsError, match=f"This machine has no {name} device; choose one of: .*cpu"):
            choose_machine(make_settings({"device": name}))
    machine = choose_machine(make_settings({"device": "cpu", "precision": "float32"}))
    assert (machine.device, machine.precision, machine.threads) == ("cpu", "float32", torch.get_num_threads())
    assert choose_machine(TrainingSettings()).precision in ("float32", "bfloat16")


@pytest.mark.parametrize("preset", [name for name in PRESET_CHOICES if name != "auto"])
def test_a_persons_choices_win_over_the_presets(preset):
    settings = make_settings({"preset": preset, "max_epochs": 7, "batch_size": 5, "learning_rate": 0.5})
    assert resolve_preset(settings, 10**9, 10_000) == preset
    recipe = recipe_for(settings, preset)
    assert (recipe.epochs, recipe.batch_size, recipe.learning_rate) == (7, 5, 0.5)
    assert type(recipe).from_dict(recipe.to_dict()) == recipe


@pytest.mark.parametrize(
    ("tokens", "seconds", "preset"),
    [
        (1_000, None, "small"),
        (25_000, None, "small"),
        (999_999, None, "small"),
        (1_000_000, None, "medium"),
        (10_000_000, None, "large"),
        (10_000_000, 60.0, "small"),
        (1_000_000, 3_600.0, "medium"),
    ],
)
def test_auto_follows_from_the_corpus_and_the_time_asked_for(tokens, seconds, preset):
    assert resolve_preset(make_settings({"max_seconds": seconds}), tokens, 2_000) == preset
    characters = make_settings({"max_seconds": seconds, "tokenizer": "chars"})
    assert resolve_preset(characters, tokens, 90) == ("small" if tokens < 5_000_000 or seconds else "medium")


def test_a_large_corpus_is_read_fewer_times_and_with_less_dropout():
    small, large, huge = (recipe_for(TrainingSettings(), "small", tokens) for tokens in (25_000, 10**6, 10**9))
    assert small.epochs > large.epochs > huge.epochs >= 3
    assert small.dropout_share == 1
    shares = [
        recipe_for(TrainingSettings(), "small", tokens).dropout_share for tokens in range(40_000, 6_000_000, 9_000)
    ]
    assert shares == sorted(shares, reverse=True)
    assert network_for(small, 2_000).input_dropout > network_for(large, 2_000).input_dropout
    assert network_for(large, 2_000).input_dropout > network_for(huge, 2_000).input_dropout > 0
    assert recipe_for(make_settings({"max_epochs": 40}), "small", 10**9).epochs == 40


def test_width_and_dropout_are_a_persons_choice():
    usual, own = (
        network_for(recipe_for(make_settings(chosen), "small", 10**6), 2_000)
        for chosen in ({}, {"hidden": 48, "dropout": 0.3})
    )
    assert (usual.hidden_size, own.hidden_size) == (256, 48)
    assert own.most_dropout == pytest.approx(0.3)
    assert own.embedding_dropout / own.input_dropout == pytest.approx(usual.embedding_dropout / usual.input_dropout)
    none = network_for(recipe_for(make_settings({"dropout": 0}), "tutorial"), 2_000)
    assert none.most_dropout == 0


def test_characters_are_counted_in_longer_n_grams_and_dropped_less():
    words, characters = (
        recipe_for(make_settings({"tokenizer": kind}), "small", 100_000) for kind in ("words", "chars")
    )
    assert characters.ngram_order > words.ngram_order
    assert network_for(characters, 90).input_dropout < network_for(words, 90).input_dropout
    assert characters.epochs > words.epochs


def test_threads_are_measured_only_where_there_are_many():
    before = torch.get_num_threads()
    assert fastest_threads(1) == 1
    assert fastest_threads(2) == 2
    assert fastest_threads(4) in (1, 2, 4)
    assert torch.get_num_threads() == before
    assert choose_machine(TrainingSettings(), threads=3).threads == 3
