"""The column of a progress bar that speaks up when nothing moves."""

import pytest
from rich.progress import Progress

from tracelib_cli.stalled import QUIET_S, Stalled


def test_a_silence_is_told_and_forgotten_when_it_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("tracelib_cli.stalled.time.monotonic", lambda: now[0])
    column, bar = Stalled("nothing for {seconds} s"), Progress()
    bar.add_task("labels", total=10)
    [task] = bar.tasks

    def seen() -> str:
        return column.render(task).plain

    assert seen() == ""
    now[0] += QUIET_S - 0.1
    assert seen() == ""
    now[0] += 0.2
    assert seen() == "nothing for 10 s"
    task.completed = 1
    assert seen() == ""
    now[0] += 3 * QUIET_S
    assert seen() == "nothing for 30 s"
