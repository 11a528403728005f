"""Fixtures that every room's tests share."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store

REPOSITORY = Path(__file__).parent.parent


@dataclass(frozen=True)
class Result:
    """What a run of the program left: exit status, standard output, standard error."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def conformance_data() -> Path:
    """The folder of other people's test files, read in place; skips where it is missing."""
    folder = Path(os.environ.get("TRACELIB_CONFORMANCE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no conformance data in {folder}: set TRACELIB_CONFORMANCE_DATA")
    return folder


RunCli = Callable[..., Result]


@pytest.fixture(scope="session")
def run_cli(tmp_path_factory: pytest.TempPathFactory) -> RunCli:
    """Run the real program: ``run_cli("code", "verify", …, input="", env={…}, cwd=path)``.

    Each run has a state folder of its own, so that copies of one workspace are no older copies of each other.
    """

    states = tmp_path_factory.mktemp("states")

    def run(
        *arguments: str | Path,
        input: str | bytes = "",
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        timeout: float = 120,
    ) -> Result:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        given = input.encode() if isinstance(input, str) else input
        done = subprocess.run(
            [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", *map(str, arguments)],
            input=given,
            capture_output=True,
            env={**clean, "COLUMNS": "160", "XDG_STATE_HOME": str(states / uuid.uuid4().hex), **(env or {})},
            cwd=cwd,
            timeout=timeout,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


TEST_SERVER = os.environ.get("TRACELIB_TEST_DATABASE_URL", "")
"""A PostgreSQL database whose user may create databases: the store's tests then run on it as well."""


def _statement(text: str) -> None:
    """One statement outside any transaction on the test server."""
    from sqlalchemy import create_engine

    engine = create_engine(TEST_SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(text)
    engine.dispose()


@pytest.fixture(scope="session")
def _schemas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A migrated database of each kind, made once and copied for each test."""
    from sqlalchemy import make_url

    from tracelib.store.unit_of_work import Store

    file = tmp_path_factory.mktemp("schema") / "template.db"
    Store.create_or_upgrade(f"sqlite:///{file}").close()
    schemas = {"sqlite": str(file)}
    if TEST_SERVER:
        name = schemas["postgresql"] = f"tracelib_test_{uuid.uuid4().hex[:12]}"
        _statement(f"CREATE DATABASE {name}")
        url = make_url(TEST_SERVER).set(database=name)
        Store.create_or_upgrade(url.render_as_string(hide_password=False)).close()
    yield schemas
    if TEST_SERVER:
        _statement(f"DROP DATABASE {schemas['postgresql']}")


@pytest.fixture(params=["sqlite", "postgresql"] if TEST_SERVER else ["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path, _schemas: dict[str, str]) -> Iterator[str]:
    """The URL of a fresh, migrated database; on PostgreSQL as well where ``TRACELIB_TEST_DATABASE_URL`` is set."""
    if request.param == "sqlite":
        shutil.copyfile(_schemas["sqlite"], tmp_path / "store.db")
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    from sqlalchemy import make_url

    name = f"{_schemas['postgresql']}_{uuid.uuid4().hex[:8]}"
    _statement(f"CREATE DATABASE {name} TEMPLATE {_schemas['postgresql']}")
    yield make_url(TEST_SERVER).set(database=name).render_as_string(hide_password=False)
    _statement(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(store_url: str) -> Iterator["Store"]:
    """A fresh, migrated store that is open."""
    from tracelib.store.unit_of_work import Store

    with Store.open(store_url) as opened:
        yield opened


class StepWorker:
    """A function in a process of its own that can be killed at any of its steps (see ``tests/step_worker.py``)."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def run(self, text: str, kill_at: int = 0) -> str:
        """``killed K``, ``done N`` or ``failed …``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"run {kill_at} {text}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().strip()
        assert answer, "the worker is gone"
        return answer


StartSteps = Callable[..., StepWorker]


@pytest.fixture
def start_steps() -> Iterator[StartSteps]:
    """``start_steps(__file__, "work")`` or another file's function: a :class:`StepWorker` that ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(file: str | Path, function: str, env: Mapping[str, str] | None = None) -> StepWorker:
        command = [sys.executable, str(REPOSITORY / "tests" / "step_worker.py"), str(file), function]
        environment = {**os.environ, **(env or {})}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        started.append(process)
        return StepWorker(process)

    yield start
    for process in started:
        process.kill()
        process.communicate()
