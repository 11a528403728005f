"""What ``tracelib init`` shall make, kept beside a workspace that is being made until it is done."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracelib.errors import RuleError, SettingsError

FILE_NAME = "init.json"
TRIAL, COUNTY, PLAIN = "trial", "county", "plain"
LARGEST = 100_000


class PlanFileError(SettingsError):
    """The note of an earlier init cannot be read."""

    code = "init.note"
    template = (
        "{file}, where an earlier tracelib init noted what it was making, cannot be read. "
        "Delete that file; what is made already stays."
    )


class OtherPlanError(RuleError):
    """An init that was cut off is gone on with, and something else is asked for now."""

    code = "init.other_plan"
    template = (
        "{folder} was begun by an earlier tracelib init, with {option} «{begun}» and not «{given}». To go on with it, "
        "give the command without that option; to begin anew, take another folder (and another database)."
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What to make. ``kind`` is trial (ready to issue at once), county (join a root) or plain.

    ``root`` is the fingerprint that a county told; ``party`` and ``name`` may both be empty where nothing is recorded.
    """

    kind: str
    host: str
    root: str = ""
    party: str = ""
    name: str = ""
    uscc: str = ""
    product: str = ""
    product_name: str = ""
    weight_g: int = 0
    operator: str = ""

    def check(self) -> None:
        """Raise what the catalogue, a code or the root would say against these values, before anything is made."""
        from tracelib.catalog.party import Party
        from tracelib.catalog.product import Product
        from tracelib.codes.url import require_host
        from tracelib.trust.root import parse_fingerprint

        require_host(self.host)
        if self.root:
            parse_fingerprint(self.root)
        if self.party:
            Party(id=self.party, name_zh=self.name, uscc=self.uscc or None)
        if self.product:
            Product(party_id=self.party, id=self.product, name_zh=self.product_name, weight_g=self.weight_g)

    def refuse_others(self, folder: Path, given: Mapping[str, Any]) -> None:
        """OtherPlanError for options of a later run (None: not given) that ask for something else than was begun."""
        for name, value in given.items():
            begun = self.kind == TRIAL if name == "trial" else getattr(self, name)
            if value and value != begun:
                option = "--" + name.replace("_", "-")
                raise OtherPlanError(folder=folder, option=option, begun=begun or "", given=value)

    def remember(self, folder: Path) -> None:
        """Note the plan in the folder, so that a run that was cut off can be gone on with."""
        from tracelib.trust.keystore import write_synced

        text = json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"
        write_synced(folder / FILE_NAME, text.encode(), private=False)

    @classmethod
    def remembered(cls, folder: Path) -> "Plan | None":
        """The plan of a run that was cut off in this folder; PlanFileError where it is damaged."""
        path = folder / FILE_NAME
        if not path.is_file():
            return None
        try:
            with path.open("rb") as stream:
                plan = cls(**json.loads(stream.read(LARGEST)))
            plan.check()
        except (ValueError, TypeError):
            raise PlanFileError(file=path) from None
        return plan

    @staticmethod
    def forget(folder: Path) -> None:
        """The workspace is done."""
        (folder / FILE_NAME).unlink(missing_ok=True)
