"""Build hook: turns the translation sources into the catalogue that gettext reads.

Each room keeps its own ``tracelib/locale/LANG/ROOM.po``; the hook joins them into ``LANG/LC_MESSAGES/tracelib.mo``.
``python hatch_build.py`` does the same in a checkout.
"""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # a checkout that only compiles catalogues
    BuildHookInterface = object  # type: ignore[assignment,misc]


def compile_catalogues(root: Path) -> list[Path]:
    """Write one ``tracelib.mo`` for each language folder under ``tracelib/locale`` and return their paths."""
    written = []
    for folder in sorted(p for p in (root / "tracelib" / "locale").iterdir() if p.is_dir() and any(p.glob("*.po"))):
        joined = Catalog(locale=folder.name, fuzzy=False)
        for source in sorted(folder.glob("*.po")):
            with source.open("rb") as stream:
                for message in read_po(stream, locale=folder.name):
                    if message.id and message.string:
                        joined.add(message.id, message.string, context=message.context)
        target = folder / "LC_MESSAGES" / "tracelib.mo"
        target.parent.mkdir(exist_ok=True)
        with target.open("wb") as stream:
            write_mo(stream, joined)
        written.append(target)
    return written


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """hatchling calls this before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues so that ``artifacts`` finds them."""
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent)
