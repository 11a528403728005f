"""A publication killed at any of its steps: the next one succeeds, and before it a whole one is there or none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def work(text: str) -> None:
    """Publish into the folder that ``text`` names."""
    from datetime import date

    from tracelib.catalog.party import Party
    from tracelib.catalog.product import Product
    from tracelib.catalog.snapshot import Snapshot
    from tracelib.publish.site import publish
    from tracelib.publish.view import public_view
    from tracelib.text import LocalizedText

    folder = Path(text)
    catalog = Snapshot.of([Party(id="P", name_zh="示例合作社"), Product(party_id="P", id="N", name_zh="脐橙")])
    view = public_view(catalog, date(2026, 11, 25), LocalizedText("示例", "Sample"))
    publish(view, folder / "site", folder)


def whole(site: Path) -> bool:
    import json

    listed = json.loads((site / "publication.json").read_text(encoding="utf-8"))["files"]
    return all((site / file).is_file() for file in listed)


def killed_at(start_steps: Callable[..., Any], tmp_path: Path, rounds: int) -> int:
    """Kill so often, spread over all steps; how many different steps that were."""
    steps = start_steps(__file__, "work")
    steps_in_all = int(steps.run(str(tmp_path)).split()[1])
    died = set()
    for number in range(rounds):
        step = 1 + number * steps_in_all // rounds
        assert steps.run(str(tmp_path), kill_at=step).startswith("killed")
        homes = [home for home in (tmp_path / "site", tmp_path / ".site.former") if home.is_dir()]
        assert any(whole(home) for home in homes), f"step {step}"
        died.add(step)
    assert steps.run(str(tmp_path)).startswith("done")
    assert whole(tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    return len(died)


def test_killed_at_some_steps(start_steps: Callable[..., Any], tmp_path: Path) -> None:
    assert killed_at(start_steps, tmp_path, 6) == 6


@pytest.mark.slow
def test_killed_at_every_step(start_steps: Callable[..., Any], tmp_path: Path) -> None:
    assert killed_at(start_steps, tmp_path, 60) > 6
