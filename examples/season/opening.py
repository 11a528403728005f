"""The county opens the season: root, brand, catalogue; the co-operative asks for its delegation and gets it."""

from pathlib import Path

from desk import Desk, Say

COUNTY = Path(__file__).parent.parent / "county" / "ganzhou"
PARTY, PRODUCT, LOOSE = "GNQC", "NAVEL-5KG", "NAVEL-BULK"
HOST = "q.example.com"


def open_season(folder: Path, say: Say) -> tuple[Desk, Desk]:
    """County and co-operative, each with a workspace of its own; files go between them as on a USB stick."""
    county, coop = Desk(folder / "county", "示例品牌办李", say), Desk(folder / "coop", "示例文员王", say)
    say("The brand's office makes a test root and takes the catalogue from the folder that it keeps.")
    root = county.run("init", county.folder, "--host", HOST)["root"]
    county.run("catalog", "import", COUNTY)
    county.run("key", "new", "brand")
    county.run("delegate", "grant", "--by", "root", "--key", "brand", "--party", "GZPP", "--max-units", 5_000_000)
    bundle = folder / "county.bundle"
    county.run("bundle", "export", "--out", bundle)

    say("The co-operative joins that root, and asks for a delegation by file.")
    coop.run("init", coop.folder, "--root", root, "--host", HOST)
    coop.run("config", "set", "party", PARTY)
    coop.run("bundle", "import", bundle)
    coop.run("catalog", "import", COUNTY)
    coop.run(
        "product", "add", LOOSE, "--party", PARTY, "--name-zh", "赣南脐橙 散果", "--name-en", "Navel oranges, loose"
    )
    coop.run("key", "new", "coop-2026")
    request, grant = folder / "coop.request", folder / "coop.grant"
    coop.run("delegate", "request", "coop-2026", "--parent", "GZPP", "--out", request)
    county.run(
        "delegate", "grant", request, "--by", "brand", "--product", f"P/{PRODUCT}", "--max-units", 1_000_000,
        "--max-kg", 500_000, "--out", grant,
    )  # fmt: skip
    by_telephone = county.told.strip().rpartition(": ")[2]
    coop.run("delegate", "accept", grant, env={"TRACELIB_ONE_TIME_PASSPHRASE": by_telephone})
    county.run("bundle", "export", "--out", bundle)
    coop.run("bundle", "import", bundle)
    return county, coop
