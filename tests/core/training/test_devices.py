"""Where a training is computed: what a device must be able to do, which one is taken, and going on on another one."""

import itertools
import time
import types
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torchgen
import yaml
from jokegen.core.errors import SettingsError
from jokegen.core.events import CheckpointSaved, Ended, EpochDone, Noticed, Started, StepDone
from jokegen.core.runs.checkpoints import load_checkpoint, save_checkpoint
from jokegen.core.runs.folder import METRICS, TRAINER_STATE
from jokegen.core.settings import TrainingSettings, make_settings
from jokegen.core.training import device, objective, preparation, recorder, trainer, workflow
from jokegen.core.training.device import Machine
from jokegen.core.training.preparation import make_trainer
from jokegen.core.training.randomness import restore_random
from jokegen.core.training.trial import fastest
from jokegen.data.corpus import build_corpus
from jokegen.data.reading import read_texts
from torch.nn.utils import clip_grad
from torch.utils import _foreach_utils
from torch.utils._python_dispatch import TorchDispatchMode
from trainings import assert_same_training, resumed

CPU = Machine("cpu", "float32", 1)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe one, in C where there is that: the table has 15,000 lines."""
OF_PROCESSORS = {"mkldnn_rnn_layer", "mkldnn_rnn_layer_backward"}
"""What an LSTM is on the CPU; other devices have kernels of their own for it."""


class Operations(TorchDispatchMode):
    """Notes every operation and every kind of number."""

    def __init__(self):
        super().__init__()
        self.names, self.kinds = set(), set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        found = operation(*args, **(kwargs or {}))
        self.names.add(operation.name().removeprefix("aten::"))
        outputs = found if isinstance(found, tuple | list) else [found]
        self.kinds |= {each.dtype for each in outputs if isinstance(each, torch.Tensor)}
        return found


@pytest.fixture(scope="module")
def functions():
    """Torch's own table of its operations and of the devices that each has a kernel for."""
    table = Path(torchgen.__file__).parent / "packaged" / "ATen" / "native" / "native_functions.yaml"
    entries = yaml.load(table.read_text(), LOADER)
    return {entry["func"].split("(")[0]: entry for entry in entries}


def on_apple_gpus(functions, name):
    entry = functions[name]
    if "structured_delegate" in entry:
        entry = functions[entry["structured_delegate"]]
    kernels = {kind.strip() for kinds in entry.get("dispatch", {"Composite": ""}) for kind in kinds.split(",")}
    return any(kind == "MPS" or kind.startswith("Composite") for kind in kernels)


@pytest.fixture(scope="module")
def corpus(corpus_file):
    return build_corpus(read_texts(corpus_file), "words")


@pytest.mark.parametrize("preset", ["small", "tutorial"])
def test_an_apple_gpu_has_all_that_a_training_asks_of_it(corpus, functions, preset, monkeypatch):
    if "mps" not in _foreach_utils._get_foreach_kernels_supported_devices():
        # Torch refuses these of Apple's GPUs before it asks for a kernel.
        for name in ("_has_foreach_support", "_device_has_foreach_support"):
            monkeypatch.setattr(clip_grad, name, lambda *_: False)
    settings = make_settings({"preset": preset, "batch_size": 8})
    recipe = preparation.recipe_for(settings, preset)
    made = make_trainer(corpus, recipe, CPU, settings)
    with Operations() as seen:
        made.time_steps(2)
        made.validate()
        made.checkpoint()
    missing = {name for name in seen.names - OF_PROCESSORS if not on_apple_gpus(functions, name)}
    assert missing == set()
    assert torch.float64 not in seen.kinds


def timed(**seconds):
    def time(machine, count):
        if isinstance(seconds[machine.device], Exception):
            raise seconds[machine.device]
        return seconds[machine.device]

    return time


GPU = replace(CPU, device="cuda")


@pytest.mark.parametrize(("gpu", "cpu", "taken"), [(1e-5, 1e-4, "cuda"), (1e-4, 1e-5, "cpu"), (1e-4, 0.95e-4, "cuda")])
def test_the_device_that_trains_faster_is_taken(gpu, cpu, taken):
    machine, notices = fastest([GPU, CPU], timed(cuda=gpu, cpu=cpu))
    assert machine.device == taken
    assert dict(machine.speeds) == pytest.approx({"cuda": 1 / gpu, "cpu": 1 / cpu})
    assert notices == ()


def test_a_device_that_cannot_is_said_and_left_out():
    machine, notices = fastest([GPU, CPU], timed(cuda=RuntimeError("no kernel\x1b for it.\nmore"), cpu=1.0))
    assert machine.device == "cpu"
    assert notices[0].startswith("The cuda device cannot train this network (no kernel")
    assert notices[0].endswith("), so it is left out.")
    assert notices[0].isprintable()
    none, notices = fastest([GPU, CPU], timed(cuda=RuntimeError(), cpu=RuntimeError()))
    assert none.device == "cpu"
    assert "RuntimeError" in notices[1]


def test_one_device_is_not_tried():
    assert fastest([CPU], timed()) == (CPU, ())


def test_auto_says_what_it_tried_and_trains_where_that_works(make_request, store, trained, monkeypatch):
    # Torch finds no such device on the way: a driver that is there and does not work.
    monkeypatch.setattr(device, "devices", lambda: ("cuda" if not torch.cuda.is_available() else "mps", "cpu"))
    events = list(workflow.train(make_request(), store))
    notices = [event.message for event in events if isinstance(event, Noticed)]
    assert any("cannot train this network" in notice for notice in notices)
    started = next(event for event in events if isinstance(event, Started))
    assert started.device == "cpu"
    assert started.speeds["cpu"] > 0
    assert_same_training(store.open("run"), trained())


@pytest.fixture
def read_sixteen_at_once(monkeypatch):
    """The losses of several steps are read together, as on an accelerator."""
    monkeypatch.setattr(trainer, "_READ_EACH_LOSS", ())


def test_an_estimate_waits_for_the_steps_that_it_times(corpus, read_sixteen_at_once, monkeypatch):
    """By a clock that moves one second a step, an epoch takes as many seconds as it has steps."""
    settings = make_settings({"preset": "small", "batch_size": 8, "hidden": 8})
    made = make_trainer(corpus, preparation.recipe_for(settings, "small"), CPU, settings)
    read, seconds = made.model.recurrent_outputs, itertools.count(1.0)
    now = [0.0]

    def slow(tokens, state):
        now[0] = next(seconds)
        return read(tokens, state)

    monkeypatch.setattr(made.model, "recurrent_outputs", slow)
    monkeypatch.setattr(trainer, "time", types.SimpleNamespace(perf_counter=lambda: now[0]))
    assert made.time_steps(4) * len(corpus.train.tokens) == pytest.approx(len(corpus.train) / 8, rel=0.3)


def test_losses_read_together_are_the_same_training(make_request, store, trained, read_sixteen_at_once):
    events = list(workflow.train(make_request(), store))
    assert_same_training(store.open("run"), trained())
    assert store.open("run").samples() == trained().samples()
    assert [event.train_loss for event in events if isinstance(event, EpochDone)] == [
        epoch.train_loss for epoch in trained().epochs()
    ]


def test_closing_at_any_event_loses_nothing_with_losses_read_together(
    make_request, store, trained, read_sixteen_at_once, monkeypatch
):
    monkeypatch.setattr(recorder, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    expected, request = trained(), make_request()
    for place in (1, 7, 12):
        events = workflow.train(replace(request, overwrite=True), store)
        steps = 0
        while steps < place:
            event = next(events)
            steps += isinstance(event, StepDone)
            if isinstance(event, CheckpointSaved) and event.kind == "last":
                # Also for whoever is killed now.
                run = store.open("run")
                assert len(run.series()) == load_checkpoint(run.path / TRAINER_STATE).values["step"] == event.step
        events.close()
        run = store.open("run")
        state = load_checkpoint(run.path / TRAINER_STATE)
        assert len(run.series()) == state.values["step"]
        list(workflow.train(resumed(request), store))
        assert_same_training(run, expected)


def test_a_loss_that_is_no_number_ends_the_training_with_losses_read_together(
    make_request, store, read_sixteen_at_once
):
    job = workflow.TrainingJob(make_request(batch_size=2), store, lambda: False)
    events = []
    for event in job.events():
        events.append(event)
        if isinstance(event, StepDone) and event.step == 2:
            with torch.no_grad():
                job._generator_parts[0].model.output_bias.fill_(float("nan"))
    assert events[-1].reason == "diverged"
    assert events[-1].best_epoch is None
    assert "NaN" not in (store.open("run").path / METRICS).read_text()


def half_trained(make_request, store, **chosen):
    """Train for five steps; what is asked for when the run goes on is up to the test."""
    request = make_request(**chosen)
    events = workflow.train(request, store)
    for event in events:
        if isinstance(event, StepDone) and event.step == 5:
            events.close()
    return replace(resumed(request), settings=TrainingSettings()), store.open("run")


def elsewhere(run, kind="cuda"):
    """Make a run look as if it had been trained on another kind of device so far."""
    run.update_info(device=kind, precision="bfloat16")
    state = load_checkpoint(run.path / TRAINER_STATE)
    arrays = {name: array for name, array in state.arrays.items() if name != "random.cpu"}
    arrays[f"random.{kind}"] = state.arrays["random.cpu"][:16]
    save_checkpoint(run.path / TRAINER_STATE, arrays, state.values)


def test_a_run_goes_on_on_another_kind_of_device_and_says_so(make_request, store, trained):
    ends = []
    for _ in range(2):
        request, run = half_trained(make_request, store, precision="auto", device="auto")
        elsewhere(run)
        events = list(workflow.train(request, store))
        notices = [event.message for event in events if isinstance(event, Noticed)]
        assert notices[0].startswith("It was trained in cuda bfloat16 and goes on in cpu ")
        assert next(event for event in events if isinstance(event, Started)).first_step == 5
        assert isinstance(events[-1], Ended)
        assert run.info.device == "cpu"
        ends.append(load_checkpoint(run.path / TRAINER_STATE).arrays)
        store.delete("run")
    assert all((ends[0][name] == ends[1][name]).all() for name in ends[0])


def test_a_run_that_another_torch_trained_goes_on_and_says_so(make_request, store, trained):
    request, run = half_trained(make_request, store)
    run.update_info(versions={**run.info.versions, "torch": "2.4.1+cu121"})
    notices = [event.message for event in workflow.train(request, store) if isinstance(event, Noticed)]
    assert any(" with torch 2.4.1 and goes on in cpu float32 with torch " in notice for notice in notices)
    assert_same_training(run, trained())


@pytest.mark.parametrize("kind", ["cuda", ""], ids=["named", "not noted, as in 0.1.0"])
def test_the_numbers_of_another_kind_of_device_follow_from_seed_and_step(kind):
    mine, again, other = (torch.Generator() for _ in range(3))
    for generator, place in ((mine, (3, 7)), (again, (3, 7)), (other, (3, 8))):
        restore_random(generator, {kind: torch.zeros(16, dtype=torch.uint8)}, place)
    drawn = [torch.rand(4, generator=generator) for generator in (mine, again, other)]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_precision_and_device_may_be_named_when_a_run_goes_on(make_request, store):
    request, run = half_trained(make_request, store)
    run.update_info(precision="bfloat16")
    asked = make_settings({"precision": "float32", "device": "cpu"})
    events = list(workflow.train(replace(request, settings=asked), store))
    assert next(event for event in events if isinstance(event, Started)).precision == "float32"
    assert any(
        "in cpu bfloat16 and goes on in cpu float32" in each.message for each in events if isinstance(each, Noticed)
    )
    assert run.info.precision == "float32"


def test_a_device_that_cannot_do_bfloat16_says_so(monkeypatch):
    monkeypatch.setattr(device, "devices", lambda: ("mps", "cpu"))
    monkeypatch.setattr(device, "computes_bfloat16", lambda *_: False)
    with pytest.raises(SettingsError, match=r"cannot train in bfloat16.*; choose the precision float32 or auto\."):
        device.possible_machines(make_settings({"precision": "bfloat16", "device": "mps"}))
    assert [each.device for each in device.possible_machines(make_settings({"precision": "bfloat16"}))] == ["cpu"]


@pytest.fixture
def without_kernel(monkeypatch):
    """Torch's kernel for whole sequences refuses bfloat16, as on a processor without AVX-512."""
    monkeypatch.setattr(device, "computes_bfloat16", lambda *_: False)


def test_a_processor_whose_kernel_refuses_bfloat16_trains_in_it_all_the_same(corpus, without_kernel):
    settings = make_settings({"preset": "small", "batch_size": 8, "max_epochs": 2})
    machine = replace(CPU, precision="bfloat16")
    made = make_trainer(corpus, preparation.recipe_for(settings, "small"), machine, settings)
    full = make_trainer(corpus, preparation.recipe_for(settings, "small"), CPU, settings)
    with Operations() as seen:
        losses = [[e.valid_loss for e in each.events() if isinstance(e, EpochDone)] for each in (made, full)]
    assert losses[0] == pytest.approx(losses[1], rel=0.01)
    assert losses[0] != losses[1]
    assert torch.bfloat16 in seen.kinds


def test_an_lstm_token_by_token_is_the_whole_sequence(corpus):
    settings = make_settings({"preset": "tutorial", "batch_size": 8})
    made = make_trainer(corpus, preparation.recipe_for(settings, "tutorial"), CPU, settings).model.eval()
    tokens, state = torch.arange(30).reshape(6, 5), made.initial_state(5)
    whole, after = made(tokens, state)
    made.stepwise = True
    found, now = made(tokens, state)
    torch.testing.assert_close(found, whole)
    torch.testing.assert_close(now, after)


class Products(TorchDispatchMode):
    """Notes how many rows the left sides of matrix products have."""

    def __init__(self):
        super().__init__()
        self.rows = set()

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if operation.name() in ("aten::mm", "aten::addmm"):
            self.rows |= {len(args[-2])}
        return operation(*args, **(kwargs or {}))


@pytest.mark.parametrize("sampled", [{}, {"frequent_tokens": 8, "sampled_tokens": 12}], ids=["whole", "sampled"])
def test_the_products_of_bfloat16_have_few_shapes_and_the_same_loss_and_gradient(corpus, sampled, monkeypatch):
    settings = make_settings({"preset": "small"})
    recipe = replace(preparation.recipe_for(settings, "small"), **sampled)
    model = make_trainer(corpus, recipe, CPU, settings).model
    drawn = torch.Generator().manual_seed(2)
    features = torch.randn(70, 256, generator=drawn).bfloat16().requires_grad_()
    targets = torch.randint(corpus.tokenizer.vocabulary_size, (70,), generator=drawn)

    def found(tokens):
        generator = torch.Generator().manual_seed(tokens)
        with torch.autocast("cpu", torch.bfloat16):
            loss = objective.next_token_loss(model, recipe, features[:tokens], targets[:tokens], generator)
        return loss.detach(), torch.autograd.grad(loss, features)[0]

    with Products() as products:
        filled = [found(tokens) for tokens in (3, 31, 32, 33, 70)]
    assert products.rows - {8, 12, corpus.tokenizer.vocabulary_size} == {32, 64, 96}
    monkeypatch.setattr(objective, "_ROWS", 1)
    for tokens, one in zip((3, 31, 32, 33, 70), filled, strict=True):
        torch.testing.assert_close(one, found(tokens), rtol=0.02, atol=1e-3)


@pytest.mark.parametrize(("full", "low", "gains"), [(2.0, 1.0, True), (1.0, 2.0, False), (1.1, 1.0, False)])
def test_auto_takes_bfloat16_where_products_are_faster_in_it(monkeypatch, full, low, gains):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)
    seconds = {torch.float32: full, torch.bfloat16: low}
    monkeypatch.setattr(device, "_seconds_of_product", lambda left: seconds[left.dtype])
    device.gains_from_bfloat16.cache_clear()
    try:
        assert device.gains_from_bfloat16("cpu") == gains
        chosen = device.choose_machine(make_settings({"device": "cpu"}))
        assert chosen.precision == ("bfloat16" if gains else "float32")
    finally:
        device.gains_from_bfloat16.cache_clear()


def test_what_else_the_machine_does_is_no_time_of_a_product(monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True)

    def product(left, _):
        if left.dtype == torch.bfloat16:
            time.sleep(0.003)  # others have the processor
        until = time.thread_time() + (0.001 if left.dtype == torch.float32 else 0.0)
        while time.thread_time() < until:
            pass

    monkeypatch.setattr(torch, "mm", product)
    device.gains_from_bfloat16.cache_clear()
    try:
        assert device.gains_from_bfloat16("cpu")
    finally:
        device.gains_from_bfloat16.cache_clear()


def test_a_device_that_is_not_there_is_a_sentence_when_a_run_goes_on(make_request, store):
    request, _ = half_trained(make_request, store)
    missing = next(name for name in ("mps", "cuda") if name not in device.devices())
    with pytest.raises(SettingsError, match=f"no {missing} device"):
        list(workflow.train(replace(request, settings=make_settings({"device": missing})), store))
