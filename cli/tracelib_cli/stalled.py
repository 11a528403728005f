"""A column of a progress bar that speaks up when nothing has moved for a while."""

import time

from rich.progress import ProgressColumn, Task
from rich.text import Text

QUIET_S = 10.0


class Stalled(ProgressColumn):
    """Shows ``text``, its ``{seconds}`` filled, once a task has not moved for ``QUIET_S`` seconds."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        self._moved: tuple[float, float] = (-1.0, 0.0)

    def render(self, task: Task) -> Text:
        """The warning, or nothing."""
        now = time.monotonic()
        if task.completed != self._moved[0]:
            self._moved = (task.completed, now)
        waited = now - self._moved[1]
        return Text(self._text.format(seconds=int(waited)) if waited >= QUIET_S else "")
