"""The figures of a run beside its chart: the same as the chart shows, as text."""

from __future__ import annotations

from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from ...core.events import EpochDone, Figures
from ..display import MUTED, plain_line, thin_bar
from ..numbers import NOTHING, clock, count, decimal, loss_of, perplexity, perplexity_of, short_count
from ..view import STATE_MARKS, RunView
from .changed_rows import repaint_changed

STATE_STYLES = {"failed": "bold $text-error", "paused": "bold $text-warning", "finished": "bold $text-success"}
LABEL_WIDTH = 9
ROOM_FOR_NOTICES = 20
"""Rows of the panel from which on it also shows the notices of the training."""
FEWEST_ROWS = 4
"""A table of epochs with less room than this is not worth it."""


class RunNumbers(Widget):
    """Epoch, step, losses, the best epoch, speed and time, one a line."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        """Empty until a run is shown."""
        super().__init__(id=id)
        self._view: RunView | None = None
        self._drawn: list[tuple[Content, list[Strip]]] = []
        """Each line and the rows it takes."""
        self._rows: list[Strip] = []

    def show(self, view: RunView) -> None:
        """Show a run; costs little when little changed."""
        if view != self._view:
            self._view = view
            found = view.verdict
            short = found.short if found is not None else ""
            if short != self.border_subtitle:  # setting it paints all of the panel
                self.border_subtitle = short
            before = self._rows
            self._draw()
            repaint_changed(self, before, self._rows)

    def on_resize(self) -> None:
        """The bar is as wide as the panel."""
        self._draw_anew()

    def notify_style_update(self) -> None:
        """The theme changed: colours are looked up again."""
        super().notify_style_update()
        self._draw_anew()

    def render_line(self, y: int) -> Strip:
        """One row of the panel."""
        return self._rows[y] if y < len(self._rows) else Strip.blank(self.content_size.width, self.rich_style)

    def _draw_anew(self) -> None:
        self._drawn = []
        self._draw()
        self.refresh()

    def _draw(self) -> None:
        """Draw the lines that are new; the others are kept as they are."""
        lines = [] if self._view is None else self._lines(self._view)
        before, self._drawn = self._drawn, []
        for place, line in enumerate(lines):
            same = place < len(before) and before[place][0].is_same(line)
            self._drawn.append(before[place] if same else (line, self._strips(line)))
        self._rows = [strip for _, strips in self._drawn for strip in strips]

    def _strips(self, line: Content) -> list[Strip]:
        return Visual.to_strips(self, line, self.content_size.width, None, self.visual_style)

    def _lines(self, view: RunView) -> list[Content]:
        best, valid = view.best, view.valid_loss
        share = view.step / view.total_steps if view.total_steps else 0.0
        style = STATE_STYLES.get(view.state, "bold $text-primary")
        lines = [
            self._line("state", f"{STATE_MARKS.get(view.state, '●')} {view.state}", style=style),
            self._line("epoch", f"{count(view.epoch)} / {count(view.total_epochs)}"),
            self._progress(share),
            self._line("step", f"{count(view.step)} / {count(view.total_steps)}"),
            self._line("train", decimal(view.train_loss, 2), f"ppl {perplexity(view.train_loss)}"),
            self._line("valid", decimal(valid, 2), f"ppl {perplexity(valid)}"),
            self._best(best),
            *self._remembered(view),
            self._line("n-gram", decimal(view.ngram_loss, 2), self._against_ngram(view)),
        ]
        if view.working:
            lines += [
                self._line("rate", "–" if view.learning_rate is None else f"{view.learning_rate:.2g}"),
                self._line("speed", short_count(view.words_per_second or 0), "words/s"),
                self._line("left", clock(view.seconds_left), f"of {clock(self._whole(view))}"),
            ]
        else:
            lines += [*self._test(view.test), self._line("took", clock(view.seconds))]
        if view.parameters:
            lines.append(self._line("network", short_count(view.parameters), "parameters"))
        if view.vocabulary:
            lines.append(self._line("knows", short_count(view.vocabulary), "tokens"))
        sentences: list[Content] = []
        if view.message and (not view.working or view.state in {"preparing", "stopping"}):
            sentences.append(plain_line(view.message, "$text-error" if view.state == "failed" else MUTED))
        if self.size.height < ROOM_FOR_NOTICES:
            return lines + sentences
        found = view.verdict
        if found is not None:
            sentences.append(plain_line(found.sentence, "$text-warning" if found.worry else MUTED))
        sentences += [plain_line(notice, "$text-warning") for notice in view.notices]
        # Unlike the figures, sentences may need several lines.
        taken = len(lines) + sum(len(self._strips(sentence)) for sentence in sentences)
        return lines + sentences + self._latest(view, self.content_size.height - taken)

    def _latest(self, view: RunView, room: int) -> list[Content]:
        """The latest epochs as a table, as far as there is room below the rest."""
        if room < FEWEST_ROWS or not view.epochs:
            return []
        best = view.best
        lines = [Content(), Content.styled(f"{'epoch':<{LABEL_WIDTH}}{'train':<8}valid", MUTED)]
        for epoch in view.epochs[-(room - len(lines)) :]:
            figures = f"{decimal(epoch.train_loss, 2):<8}{decimal(epoch.valid_loss, 2)}"
            star = " ★" if best is not None and epoch.epoch == best.epoch else ""
            lines.append(
                Content.assemble((f"{epoch.epoch:<{LABEL_WIDTH}}", MUTED), figures, (star, "bold $text-warning"))
            )
        return lines

    def _best(self, best: EpochDone | None) -> Content:
        if best is None:
            return self._line("best ★", "–")
        return self._line("best ★", decimal(best.valid_loss, 2), f"epoch {best.epoch}", "bold $text-warning")

    def _remembered(self, view: RunView) -> list[Content]:
        """What the model has learned by heart; nothing for runs that were not looked into."""
        if not view.remembered:
            return []
        found = view.remembered[-1]
        copied = NOTHING if found.copied is None else f"{found.copied:.0%}"
        held_out = "" if found.held_out is None else f"unseen {found.held_out:.0%}"
        return [
            self._line("gap", decimal(view.gap, 2), f"epoch {found.epoch}"),
            self._line("by heart", copied, held_out),
        ]

    def _test(self, test: Figures | None) -> list[Content]:
        if test is None:
            return []
        loss = self._line("test", decimal(test.loss, 2), f"ppl {perplexity(test.loss)}")
        bits = self._line("", decimal(test.bits_per_character, 2), "bits/char")
        if test.mixed_perplexity is None:
            return [loss, bits]
        mixed = loss_of(test.mixed_perplexity)
        return [
            loss,
            bits,
            self._line("+n-gram", decimal(mixed, 2), f"ppl {perplexity(mixed)}"),
        ]

    @staticmethod
    def _whole(view: RunView) -> float | None:
        return None if view.seconds_left is None else view.seconds + view.seconds_left

    @staticmethod
    def _against_ngram(view: RunView) -> str:
        best = view.best
        if view.ngram_loss is None or best is None or best.valid_loss is None:
            return ""
        return f"ours ×{decimal(perplexity_of(best.valid_loss - view.ngram_loss), 2)}"

    def _progress(self, share: float) -> Content:
        done, rest = thin_bar(share, max(6, self.content_size.width - LABEL_WIDTH - 5))
        return Content.assemble(
            " " * LABEL_WIDTH, (done, "bold $primary"), (rest, "$foreground 30%"), (f" {share:4.0%}", MUTED)
        )

    @staticmethod
    def _line(label: str, value: str, detail: str = "", style: str = "bold") -> Content:
        tail = (f"  {detail}", MUTED) if detail else ""
        return Content.assemble((f"{label:<{LABEL_WIDTH}}", MUTED), (value.ljust(6) if detail else value, style), tail)
