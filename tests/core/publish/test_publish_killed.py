"""A publication killed at any of its steps: the next one succeeds, and before it a whole one is there or none."""

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


def killed_at(steps: Any, tmp_path: Path, rounds: int) -> None:  # noqa: ANN401 - the worker of conftest
    steps_in_all = int(steps.run(str(tmp_path)).split()[1])
    for number in range(rounds):
        step = 1 + number * steps_in_all // rounds
        assert steps.run(str(tmp_path), kill_at=step).startswith("killed")
        homes = [home for home in (tmp_path / "site", tmp_path / ".site.former") if home.is_dir()]
        assert any(whole(home) for home in homes), f"step {step}"
    assert steps.run(str(tmp_path)).startswith("done")
    assert whole(tmp_path / "site")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_killed_at_some_steps(start_steps: Any, tmp_path: Path) -> None:  # noqa: ANN401
    killed_at(start_steps(__file__, "work"), tmp_path, 6)


@pytest.mark.slow
def test_killed_at_every_step(start_steps: Any, tmp_path: Path) -> None:  # noqa: ANN401
    killed_at(start_steps(__file__, "work"), tmp_path, 60)
