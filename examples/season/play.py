"""A season at the desk, from the first spreadsheet to the last reconciled roll; every step runs the real program.

::

    python examples/season/play.py --dir season [--codes 20000]

What it leaves in the folder is there to be looked at: two workspaces, the spreadsheet with its faults marked, the files
of the rolls, the delivery note, labels, the report of a test print, the catalogue's pages. Growers are invented.
"""

import argparse
import sys
import time
from pathlib import Path

import closing
import harvest
import laptop
import opening
import printing


def main() -> int:
    """Play the season; status 1 where a step answers otherwise than it must."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--dir", type=Path, required=True, help="new folder for everything")
    parser.add_argument("--codes", type=int, default=20_000, help="labels that are printed in town; a multiple of 10")
    options = parser.parse_args()
    folder: Path = options.dir.absolute()
    if folder.exists() and any(folder.iterdir()):
        parser.error(f"{folder} is not empty: name a new folder")
    if options.codes < 300 or options.codes % printing.ROLLS:
        parser.error("--codes: at least 300, a multiple of 10")
    folder.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    play(folder, options.codes)
    say(f"The season is over after {time.monotonic() - begun:.0f} s. Look into {folder.name}:")
    for name in ("harvest-marked.xlsx", "rolls", "delivery-note.pdf", "replacement.pdf", "test-report.png", "site"):
        say(f"  {name}")
    return 0


def play(folder: Path, codes: int) -> None:
    """Every chapter in its order."""
    county, coop = opening.open_season(folder, say)
    harvest.take_in(coop, folder, codes, say)
    number = printing.order_labels(coop, folder, codes, say)
    printing.use_labels(coop, folder, number, codes, say)
    coop = laptop.change_laptop(coop, folder, folder / "county.bundle", say)
    printing.reconcile(coop, number, say)
    closing.check_a_print(coop, folder, say)
    closing.close_season(county, coop, folder, codes, say)


def say(text: str) -> None:
    """One line of the story."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
