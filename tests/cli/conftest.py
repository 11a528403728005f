"""The desk that the tests of issuing and of print orders start from."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DESK_PASSPHRASE = "desk test"
BATCHES = "主体编号,产品编号,批号,生产日期,重量(kg)\nGNQC,NAVEL,26A1,2026-11-03,10000\nGNQC,NAVEL,26A2,2026-11-04,100\n"
SETUP = (
    "party add GNQC --name-zh 示例合作社",
    "product add NAVEL --party GNQC --name-zh 赣南脐橙 --weight-g 5000",
    "grade add GNQC/NAVEL --name-zh 特级",
    "key new brand",
    "key new coop",
    "delegate grant --by root --key brand --party GNQC --prefix AB3 --sscc-prefix 3690123 --may-delegate 1",
    "delegate grant --by brand --key coop --party GNQC --product P/NAVEL --max-units 1000 --sscc-prefix 3690123",
    "batch register batches.csv",
)


@pytest.fixture(scope="session")
def made(run_cli: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a test root, one co-operative and two batches, made once by the commands themselves.

    Its passphrase is ``desk test``. To be read only: a test that changes anything takes ``desk``.
    """
    folder = tmp_path_factory.mktemp("made") / "desk"
    env = {"TRACELIB_PASSPHRASE": DESK_PASSPHRASE}
    done = run_cli("init", folder, env=env)
    assert done.status == 0, done.err
    (folder / "batches.csv").write_text(BATCHES, encoding="utf-8")
    for line in SETUP:
        done = run_cli(*line.split(), cwd=folder, env=env)
        assert done.status == 0, (line, done.err)
    return folder


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A fresh copy for each test; nothing was issued yet, so that one without the guard's file is a workspace."""
    return Path(shutil.copytree(made, tmp_path / "desk", ignore=shutil.ignore_patterns("counters.*")))
