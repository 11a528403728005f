"""The season at the desk plays from the first spreadsheet to the last reconciled roll; each step checks itself."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_a_season_at_the_desk(tmp_path: Path) -> None:
    folder = tmp_path / "season"
    play = [sys.executable, str(ROOT / "examples" / "season" / "play.py"), "--dir", str(folder), "--codes", "300"]
    done = subprocess.run(play, capture_output=True, text=True, encoding="utf-8", timeout=1200, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "The season is over" in done.stdout
    assert (folder / "delivery-note.pdf").read_bytes().startswith(b"%PDF")
    assert len(list((folder / "rolls").rglob("*.csv"))) == 10
    assert (folder / "site" / "catalogue.cose").is_file()
