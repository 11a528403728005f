"""The harvest comes in: a spreadsheet of somebody else's, sorting, two cold stores, what is left over."""

from pathlib import Path

from desk import Desk, Say
from opening import LOOSE, PARTY, PRODUCT
from sheets import FAULTY_DAY, LOTS, write_harvest

CARTON_G = 5000
MAIN = "26N-1103"
"""The lot that gets most of the codes."""
REST = "26N-1104"
LOSS_PERCENT = 2


def take_in(coop: Desk, folder: Path, codes: int, say: Say) -> None:
    """Three batches of loose fruit become two of cartons: enough for ``codes`` cartons and a tenth more."""
    main_g = codes * CARTON_G * 11 // 10
    loose_g = main_g * 100 // (100 - LOSS_PERCENT)
    loose_g += -loose_g % 1000
    grams = (loose_g, 600_000, 400_000)

    say("The packing house sends its own table: a title, other words, weights in 斤, and a day that never was.")
    sheet, marked = folder / "harvest.xlsx", folder / "harvest-marked.xlsx"
    write_harvest(sheet, grams, faulty=True)
    coop.run(
        "batch", "map", sheet, "--name", "分拣厂", "--set", "采摘时间=produced_on", "--set", "批次编码=lot",
        "--set", "果园=plot", "--set", "果农=grower", "--set", "数量（斤）=weight_g",
        "--fix", f"party_id={PARTY}", "--fix", f"product_id={LOOSE}",
    )  # fmt: skip
    error = coop.refused("sheet.faults", "batch", "register", sheet, "--report", marked)
    assert any(FAULTY_DAY in fault["message"] for fault in error["faults"]), error
    assert coop.run("batch", "list")["total"] == 0, "a faulty sheet registers nothing"

    say("It comes back corrected; the saved mapping is found by its header.")
    write_harvest(sheet, grams, faulty=False)
    assert coop.run("batch", "register", sheet)["registered"] == len(LOTS)
    assert coop.run("batch", "register", sheet)["registered"] == 0, "the same file again changes nothing"

    say("Sorting: the first lot becomes cartons; stones, leaves and soft fruit are lost, to the gram.")
    loss_g = loose_g - main_g
    coop.run(
        "batch", "repack", f"{LOOSE}/{LOTS[0]}", "--product", PRODUCT, "--to", f"{MAIN}={main_g}g",
        "--loss", f"{loss_g}g", "--reason", "分拣损耗",
    )  # fmt: skip
    say("The second lot goes into two cold stores; what the third and one of them have left is packed together.")
    coop.run("batch", "split", LOTS[1], "--to", "26-1104-A=400kg", "--to", "26-1104-B=200kg")
    coop.run("batch", "merge", "26-1104-B", LOTS[2], "--to", "26-1106-M")
    coop.run(
        "batch", "repack", "26-1106-M", "--product", PRODUCT, "--to", REST, "--loss", "10kg", "--reason", "分拣损耗"
    )
