"""What has become of a training's plan: the rate, the dropout and the end that interventions gave it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from ...models.configuration import ModelConfig
from .schedule import Schedule

_SHARE_TO_RISE = 0.05
"""Share of the steps that are left in which the rate goes over to a new schedule."""
_MOST_DROPOUT = 0.95


@dataclass(frozen=True)
class Course:
    """The changes so far, as far as the next step depends on them; without any the recipe holds."""

    rate_factor: float = 1.0
    dropout_factor: float = 1.0
    patience: int | None = None
    """None: the recipe's; 0: none."""
    epochs: int | None = None
    """None: the recipe's."""
    bend: int | None = None
    """The step after which the rate leaves the schedule that it had."""
    bend_rate: float = 0.0
    """The rate it had there, without its factor."""
    finishing: bool = False
    """Whether the rate falls to nothing from there on, instead of going over to the schedule of the new length."""
    out_of_time: bool = False
    cores: int | None = None
    """Cores of the processor that all processes together may use; None: as many as it began with."""

    def rate(self, schedule: Schedule, step: int, total_steps: int, *, planned: bool) -> float:
        """Return the learning rate of the step after ``step`` of ``total_steps``."""
        return self.rate_factor * self.plain_rate(schedule, step, total_steps, planned=planned)

    def plain_rate(self, schedule: Schedule, step: int, total_steps: int, *, planned: bool) -> float:
        """Return the rate as the schedule has it, without its factor."""
        usual = schedule.rate(step, total_steps, planned=planned)
        if self.bend is None:
            return usual
        ahead = max(total_steps - self.bend, 1)
        if self.finishing:
            return self.bend_rate * max(total_steps - step, 0) / ahead
        share = min((step - self.bend + 1) / max(_SHARE_TO_RISE * ahead, 1.0), 1.0)
        return self.bend_rate + share * (usual - self.bend_rate)

    def bent(self, step: int, rate: float, *, finishing: bool) -> Course:
        """Return the course whose rate leaves ``rate``, its value without the factor, after ``step``."""
        return replace(self, bend=step, bend_rate=rate, finishing=finishing, out_of_time=False)

    def threads(self, usual: int, processes: int = 1) -> int:
        """Return the threads of each process: ``usual``, where nothing else was asked for."""
        return usual if self.cores is None else max(1, self.cores // processes)

    def network(self, config: ModelConfig) -> ModelConfig:
        """Return ``config`` with all its dropouts changed as much as was asked for."""
        if self.dropout_factor == 1.0:
            return config
        names = [field.name for field in fields(config) if field.name.endswith("dropout")]
        return replace(
            config, **{name: min(getattr(config, name) * self.dropout_factor, _MOST_DROPOUT) for name in names}
        )
