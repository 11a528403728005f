"""In mid-season the laptop is changed, and somebody opens a backup that is older than the codes."""

from pathlib import Path

from desk import Desk, Say
from harvest import MAIN

MORE = 10
"""Cartons that are packed between the backup and the change of laptops, and again after it."""


def change_laptop(old: Desk, folder: Path, bundle: Path, say: Say) -> Desk:
    """The co-operative on its new laptop: it goes on issuing at exactly the next counter."""
    say("A backup goes to the stick; the week goes on; then somebody opens the old backup on another machine.")
    backup, stray = folder / "coop-1108.backup", Desk(folder / "stray", "示例文员赵", say)
    old.run("backup", backup, "--keys")
    before = old.run("code", "issue", MAIN, "--count", MORE, "--level", "carton", "--grade", 1)
    old.run("backup", "verify", backup)
    old.run("restore", backup, "--into", stray.folder)
    stray.refused("guard.key_closed", "code", "issue", MAIN, "--count", 1, "--level", "carton")

    say("The new laptop asks, the old one seals itself for that one place, the new one takes over.")
    new = Desk(folder / "coop-laptop", "示例文员王", say)
    ask, move = folder / "laptop.ask", folder / "coop.move"
    old.run("workspace", "move", "ask", new.folder, "--out", ask)
    old.run("workspace", "move", "out", move, "--for", ask)
    old.refused("guard.moved", "code", "issue", MAIN, "--count", 1, "--level", "carton")
    new.run("workspace", "move", "in", move, "--into", new.folder)
    new.run("bundle", "import", bundle)
    after = new.run("code", "issue", MAIN, "--count", MORE, "--level", "carton", "--grade", 1)
    assert after["first"] == before["last"] + 1, "no counter twice, none lost"
    return new
