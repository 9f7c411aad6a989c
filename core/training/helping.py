"""What every process of a team does but the first: the same steps with its share of each batch, and nothing else."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from ...models.configuration import ModelConfig
from ..errors import PLAIN_ERRORS, SettingsError
from ..recipes import network_for
from ..runs.checkpoints import load_checkpoint
from ..runs.contents import load_corpus, load_tokenizer
from ..runs.folder import CORPUS, GOOD, TOKENIZER, TRAINER_STATE, Run
from ..runs.info import INFO
from ..runs.interventions import INTERVENTIONS, read_interventions
from .assembling import joined_as_helper
from .device import Machine, devices
from .preparation import make_trainer
from .resuming import recipe_of
from .team import Team, TeamError
from .trainer import Trainer

_SHARED = (INFO, TOKENIZER, CORPUS, INTERVENTIONS)


def hand_out_training(team: Team, run: Run, trainer: Trainer) -> None:
    """Give the helpers all that they need to make the steps that ``trainer`` makes of ``run``."""
    if team.size == 1:
        return
    with ExitStack() as opened:
        contents: dict[str, IO[bytes]] = {
            name: opened.enter_context((run.path / name).open("rb")) for name in _SHARED if (run.path / name).exists()
        }
        for name, state in ((TRAINER_STATE, trainer.checkpoint()), (GOOD, trainer.good)):
            if state is not None:
                contents[name] = BytesIO(state.to_bytes())
        team.hand_out(contents)


def help_training() -> None:
    """Train along until the first process ends the training, or is gone.

    Raises:
        EngineError: this process cannot do what the first one does.
    """
    with TemporaryDirectory(prefix="jokegen-") as folder, joined_as_helper() as team:
        try:
            trainer = _trainer(team, Path(folder))
            for _ in trainer.events():
                pass
        except TeamError:
            return  # the first process says it


def _trainer(team: Team, folder: Path) -> Trainer:
    run = Run(folder)
    team.receive(folder)
    info, recipe = run.info, recipe_of(run)
    if info.device not in devices():
        raise SettingsError(f"The training is computed on {info.device}, which this machine does not have.")
    corpus = load_corpus(run, load_tokenizer(run))
    usual = network_for(recipe, corpus.tokenizer.vocabulary_size)
    config = usual if info.model is None else ModelConfig.from_dict(info.model)
    machine = Machine(info.device, info.precision, info.threads)
    trainer = make_trainer(corpus, recipe, machine, info.settings, config=config, team=team)
    trainer.restore(load_checkpoint(folder / TRAINER_STATE))
    if (folder / GOOD).exists():
        trainer.good = load_checkpoint(folder / GOOD)
    trainer.wishes.follow(read_interventions(folder), trainer.progress.interventions)
    return trainer


def main() -> int:
    """Help as a process of its own; what goes wrong is one sentence."""
    try:
        help_training()
    except PLAIN_ERRORS as error:
        sys.stderr.write(f"jokegen-tui: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
