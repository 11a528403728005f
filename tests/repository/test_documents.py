"""Documents are kept true: the quickstart runs as it stands, links lead somewhere, both languages say the same."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tracelib_cli.main import COMMANDS

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
EXPECTED_STATUS = {"tracelib code verify - < codes.csv": 4}
"""The header line of the file is no code, as the page says."""


def blocks(path: Path, kind: str) -> list[str]:
    """The fenced blocks of a kind in a page."""
    return re.findall(rf"^```{kind}\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)


def commands(path: Path) -> list[str]:
    """The lines of a page's sh blocks."""
    return [line for block in blocks(path, "sh") for line in block.strip().splitlines()]


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """An environment in which ``tracelib`` is the program under test, and nothing of the caller's settings is left."""
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "tracelib"
    script.write_text(f"#!{sys.executable} -P\nfrom tracelib_cli.main import run\nrun()\n")
    script.chmod(0o755)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("TRACELIB_")}
    return {**kept, "PATH": f"{bin_folder}:{kept['PATH']}", "TRACELIB_PASSPHRASE": "a test", "COLUMNS": "140"}


def test_quickstart_runs_as_it_stands(tmp_path: Path, program: dict[str, str]) -> None:
    page = ROOT / "docs" / "quickstart.md"
    folder = tmp_path
    for line in commands(page):
        if line.startswith("cd "):
            folder /= line.removeprefix("cd ")
            (folder / "harvest.csv").write_text(blocks(page, "csv")[0], encoding="utf-8")
            continue
        done = subprocess.run(
            line, shell=True, cwd=folder, env=program, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == EXPECTED_STATUS.get(line, 0), f"{line}\n{done.stdout}{done.stderr}"
    assert len((folder / "codes.csv").read_text().split()) == 49
    assert (folder / "labels.pdf").read_bytes().startswith(b"%PDF")


def test_quickstart_is_the_same_in_chinese() -> None:
    docs = ROOT / "docs"
    assert commands(docs / "quickstart.md") == commands(docs / "quickstart.zh-CN.md")
    assert blocks(docs / "quickstart.md", "csv") == blocks(docs / "quickstart.zh-CN.md", "csv")


def test_readmes_show_the_same_commands() -> None:
    english, chinese = (blocks(ROOT / name, "") for name in ("README.md", "README.zh-CN.md"))
    assert english == chinese
    assert "make demo\nmake test\n" in english


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.S)
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", prose):
        if not target.startswith(("http://", "https://", "mailto:")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_that_documents_name_exist(page: Path) -> None:
    for name in re.findall(r"^tracelib(?: -w \S+)? ([a-z]+)", page.read_text(encoding="utf-8"), re.M):
        assert name in COMMANDS


def test_every_dependency_has_its_reason() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for requirement in wanted:
        name = re.split(r"[<>=\[;]", requirement)[0]
        assert name in ("yipinyima", "tzdata") or name in reasons, f"docs/dependencies.md has no reason for {name}"


def test_lock_names_no_index_and_has_hashes() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="ascii")
    assert "://" not in lock
    assert "--index" not in lock
    pinned = re.findall(r"^([a-z0-9._-]+)==", lock, re.M)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_nothing_names_this_machine() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    forbidden = re.compile(r"(?<!\w)/(?:work|root|opt)/\w|pypi" + r"\.org")
    for name in filter(None, tracked.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yaml", ".po", ".sh", ".lock", ".csv", ""} and path.is_file():
            found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{name}: {found.group()}"
