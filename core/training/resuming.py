"""Going on with a run: what it was trained by, whether it fits its weights, and the state it was saved in."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version

from ...data.cleaning import one_line
from ...data.corpus import Corpus
from ...data.findings import counted
from ...models.configuration import ModelConfig
from ..errors import RunError
from ..recipes import Recipe, network_for
from ..runs.checkpoints import Checkpoint, load_checkpoint
from ..runs.folder import BEST, GOOD, LAST, PREVIOUS_TRAINER_STATE, START, TRAINER_STATE, Run
from ..runs.info import INFO, RunInfo
from ..runs.interventions import read_interventions
from ..runs.status import meaning
from ..settings import TrainingSettings, make_settings
from .device import Machine, choose_machine, devices, trains_bfloat16
from .tensors import load_weights
from .trainer import Trainer


def recipe_of(run: Run) -> Recipe:
    """Return the recipe of a run; raises RunError when this JokeGen does not know all of it."""
    try:
        return Recipe.from_dict(run.info.recipe)
    except ValueError as error:
        raise RunError(f"The run '{run.name}' cannot go on: its recipe {error}; its checkpoints still open.") from error


def network_of(run: Run, corpus: Corpus, recipe: Recipe) -> ModelConfig:
    """Return the configuration of a run's network, compared with its weights before anything is built.

    Raises:
        RunError: the configuration is damaged, or of another size than the weights or the recipe.
    """
    damaged = RunError(f"The {INFO} of the run '{run.name}' does not fit its weights; restore it from a copy.")
    model = run.info.model
    usual = network_for(recipe, corpus.tokenizer.vocabulary_size)
    if model is None:
        return usual
    try:
        config = ModelConfig.from_dict(model)
        shapes = config.weight_shapes
    except (TypeError, ValueError) as error:
        raise damaged from error
    for file in (LAST, BEST):
        try:
            arrays = load_checkpoint(run.path / file).arrays
        except RunError:
            continue
        if {name: array.shape for name, array in arrays.items() if name in shapes} != shapes:
            raise damaged
        return config
    # Without a checkpoint the training starts again, and only a network of the recipe's size is built.
    if shapes != usual.weight_shapes:
        raise damaged
    return config


def machine_of(info: RunInfo, asked: TrainingSettings) -> tuple[Machine, str | None]:
    """Return the machine that a run goes on on, and a notice when that is another one than it was trained on.

    ``asked`` may name another device, precision or number of processes; otherwise all stay as they were, where the
    device is here.

    Raises:
        SettingsError: the device asked for is not there, or the run notes a precision that there is none of.
    """
    found = devices()
    device = info.device if asked.device == "auto" else asked.device
    if asked.device == "auto" and device not in found:
        device = found[0]
    same = device == info.device
    precision = asked.precision
    if precision == "auto":
        precision = info.precision if same else info.settings.precision
        if precision == "bfloat16" and not trains_bfloat16(device, info.settings.cell or "lstm"):
            precision = "float32"
    processes = processes_of(info, asked)
    same = same and processes == processes_of(info, info.settings)
    chosen = {"device": device, "precision": precision, "cell": info.settings.cell, "processes": processes}
    machine = choose_machine(make_settings(chosen), threads=info.threads if same else None)
    here = _public(version("torch"))
    earlier = _public(info.versions.get("torch", here))
    before = _how(info.device, info.precision, processes_of(info, info.settings))
    after = _how(machine.device, machine.precision, processes)
    if earlier != here:  # its random numbers are others
        before, after = f"{before} with torch {earlier}", f"{after} with torch {here}"
    if before == after:
        return machine, None
    return machine, (
        f"It was trained in {one_line(before)} and goes on in {after}, so the weights will differ a little from "
        "those it would have had."
    )


def processes_of(info: RunInfo, asked: TrainingSettings) -> int:
    """Return how many processes train the run now."""
    return asked.processes or info.settings.processes or 1


def _public(version: str) -> str:
    """The version without what says how it was built."""
    return version.partition("+")[0]


def _how(device: str, precision: str, processes: int) -> str:
    return f"{device} {precision}" if processes == 1 else f"{device} {precision} by {processes} processes"


def check_it_can_go_on(run: Run, epochs: int | None) -> None:
    """Raise RunError when there is nothing left to train, also with ``epochs`` in all."""
    info = run.info
    status = meaning(info.status)
    sentence = f"{status.sentence[:1].lower()}{status.sentence[1:].removesuffix('.')}"
    if epochs is None:
        if status.complete:
            longer = "" if info.status == "diverged" or info.model is None else "go on longer with --max-epochs, or "
            raise RunError(f"The run '{run.name}' has nothing left to train ({sentence}); {longer}train a new one.")
        return
    if info.model is None:
        raise RunError(f"The run '{run.name}' counts n-grams, which one epoch does; leave --max-epochs out.")
    if info.status == "diverged":
        raise RunError(f"The run '{run.name}' cannot go on ({sentence}).")
    if status.complete and epochs <= info.epochs:
        raise RunError(f"The run '{run.name}' already has {counted(info.epochs, 'epoch')}; ask for more of them.")


def lift_time_limit(run: Run) -> str | None:
    """Take the time limit from a run that is to have a number of epochs; returns what is to be said about it."""
    settings = run.info.settings
    if settings.max_seconds is None:
        return None
    run.update_info(settings=replace(settings, max_seconds=None))
    return f"It goes on without its time limit of {settings.max_seconds:g} seconds: the epochs say when it ends."


def begin(run: Run, trainer: Trainer) -> None:
    """Give the trainer what the run starts with: its weights, where they are not drawn, and what is to be changed.

    Raises:
        RunError: that is damaged.
    """
    trainer.wishes.follow(read_interventions(run.path), 0)
    if (run.path / START).exists():
        arrays = load_checkpoint(run.path / START).arrays
        for network in (trainer.model, trainer.averaged):
            load_weights(
                network, {name: arrays[name] for name in network.state_dict() if name in arrays}, f"{run.name}/{START}"
            )


def restore(run: Run, trainer: Trainer) -> str | None:
    """Put the trainer where the run was saved last; returns a notice when that is not its newest state.

    Raises:
        RunError: there is a trainer state, but none that can be read.
    """
    if not run.has_trainer_state:
        run.truncate(step=0, epoch=0)
        return f"The run '{run.name}' ended before its first checkpoint, so it starts again from the beginning."
    notice = None
    for file in (TRAINER_STATE, PREVIOUS_TRAINER_STATE):
        try:
            trainer.restore(load_checkpoint(run.path / file))
        except RunError as error:
            notice = notice or f"{str(error).removesuffix('.')}, so training goes on from the checkpoint before it."
            continue
        progress = trainer.progress
        trainer.good = _good_of(run, trainer)
        trainer.wishes.follow(read_interventions(run.path), progress.interventions)
        run.truncate(step=progress.step, epoch=progress.epoch - 1)
        return notice
    raise RunError(
        f"The run '{run.name}' cannot be resumed: its trainer state is missing or damaged; its checkpoints still open."
    )


def _good_of(run: Run, trainer: Trainer) -> Checkpoint | None:
    """Return the state that a training is taken back to when its loss runs away; None where it is not."""
    if not trainer.rolls_back:
        return None
    try:
        good = load_checkpoint(run.path / GOOD)
    except RunError:
        return None
    # Of a state that is not the newest one the way back is not known any more.
    return good if good.values.get("rollbacks", 0) <= trainer.progress.rollbacks else None
