"""What can be wrong in an event of anybody, and how it is said.

A rule is said in the reader's language by its code, like an error (``tracelib.text``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tracelib.errors import Translate, shown


class Level(StrEnum):
    """How bad a finding is.

    ``ERROR``: what happened to what and when cannot be told; capture refuses the event. ``SCHEMA``: not as the EPCIS
    2.0 JSON binding writes it, and plain all the same; it is taken as it stands. ``WARNING``: well written, but against
    the Core Business Vocabulary or the rules for GS1 keys, or not to be believed.
    """

    ERROR = "error"
    SCHEMA = "schema"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that can be broken. ``template`` is filled with the finding's ``params``."""

    code: str
    template: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule is broken at ``path`` of an event, such as ``epcList[3]``; the empty path is the whole."""

    rule: Rule
    level: Level
    path: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, translate: Translate | None = None) -> str:
        """What is wrong, in English or through ``translate``."""
        template = translate(f"finding.{self.rule.code}", self.rule.template) if translate else self.rule.template
        return template.format(**{name: shown(value) for name, value in self.params.items()})


class Notes:
    """Collects the findings of one event or envelope, at most ``most`` of them."""

    def __init__(self, most: int = 100) -> None:
        self.found: list[Finding] = []
        self._most = most

    def add(self, rule: Rule, level: Level, path: str, **params: object) -> None:
        """Note that a rule is broken."""
        if len(self.found) < self._most:
            self.found.append(Finding(rule, level, path, params))


NOT_OBJECT = Rule("not_object", "{given} stands where an object {{…}} is expected.")
NOT_LIST = Rule("not_list", "{given} stands where a list […] is expected.")
NOT_TEXT = Rule("not_text", "{given} stands where a text is expected.")
NOT_NUMBER = Rule("not_number", "{given} stands where a number is expected.")
NOT_BOOLEAN = Rule("not_boolean", "{given} stands where true or false is expected.")
MISSING = Rule("missing", "The field {name} is missing.")
NULL = Rule("null", "null stands there; a field that says nothing is left out.")
NO_FIELD = Rule("no_field", "{name} is no field here; fields of your own have a prefix, such as example:{name}.")
NOT_URI = Rule(
    "not_uri", "«{given}» is no URI, such as https://id.gs1.org/01/06901234567892/21/A1 or urn:epc:id:sgtin:…."
)
NOT_ASCII = Rule("not_ascii", "«{given}» holds characters that a URI writes as %XX.")
NOT_TIME = Rule("not_time", "«{given}» is no time, such as 2026-11-23T09:30:00.000+08:00.")
NO_ZONE = Rule("no_zone", "The time «{given}» has no zone: nobody can tell when that was. Write +08:00 or Z behind it.")
NOT_OFFSET = Rule("not_offset", "«{given}» is no offset from -14:00 to +14:00, such as +08:00.")
NOT_PATTERN = Rule("not_pattern", "«{given}» is not written as {expected} is.")
NOT_ACTION = Rule("not_action", "«{given}» is no action: ADD, OBSERVE or DELETE.")
NOT_WORD = Rule("not_word", "«{given}» is no standard word of {name}, and no URI either.")
OLD_WORD = Rule("old_word", "«{given}» is how EPCIS 1.2 wrote it; EPCIS 2.0 writes the bare word.")
TOO_FEW = Rule("too_few", "The list is empty.")
REPEATED = Rule("repeated", "«{given}» stands in the list twice.")
NOTHING_SET = Rule("nothing_set", "Neither set nor unset is there.")
NO_OBJECTS = Rule("no_objects", "The event names no objects: it needs one of {names}.")
NOT_BOTH = Rule("not_both", "A TransformationEvent without transformationID needs inputs and outputs.")
ILMD_ACTION = Rule("ilmd_action", "ilmd goes with action ADD alone, and the action is {given}.")
BARE_LIST = Rule("bare_list", "The file is a list of events without an EPCISDocument around them.")

DOUBLED = Rule("doubled", "The field {name} stands there twice: which one holds cannot be told.")
TOO_DEEP = Rule("too_deep", "The event is nested deeper than {most} levels.")
TOO_LONG = Rule("too_long", "The text has {given} characters; up to {most} are taken.")
NOT_STORABLE = Rule("not_storable", "The event holds a character or number that no text can carry: {detail}.")
TIME_RANGE = Rule("time_range", "«{given}» lies before 1900 or after 9000.")
ID_TAKEN = Rule("id_taken", "Event {before} of the file has this event id too and says something else.")
ID_KNOWN = Rule("id_known", "An event that was imported before has this event id and says something else.")

AT_TYPE = Rule("at_type", "EPCIS 2.0 JSON writes type, and @type stands there.")
NOT_KEPT = Rule("not_kept", "{name} stands around the events and is not taken over: events alone are.")
SHORTENED = Rule("shortened", "The number {given} has more digits than are kept: it is taken as {kept}.")
BELOW_ZERO = Rule("below_zero", "The quantity {given} is below zero.")
KEG = Rule("keg", "The unit KG is a keg (UN/ECE Recommendation 21); kilogram is KGM.")
NOT_DATE = Rule("not_date", "«{given}» is no date, such as 2026-11-23.")

DECLARES_OTHER = Rule(
    "declares_other",
    "The event with this id that is declared wrong says something else: an error declaration repeats it.",
)

SAME_EVENT = Rule("same_event", "Event {before} of the file is the same event; it counts once.")
CONTEXT = Rule("context", "The context {given} is not fetched: prefixes that only it declares are not known here.")
PREFIX = Rule("prefix", "Nothing in @context says what the prefix of {name} stands for.")
CHECK_DIGIT = Rule("check_digit", "The check digit of {given} is wrong: it must be {expected}.")
KEY_FORM = Rule("key_form", "«{given}» begins like a GS1 key and is none: length or characters do not fit.")
CLASS_IN_EPCS = Rule("class_in_epcs", "«{given}» names a class of goods, and single units belong here.")
EPC_IN_CLASSES = Rule("epc_in_classes", "«{given}» names a single unit, and a class of goods belongs here.")
NO_STEP = Rule("no_step", "A CBV-compliant event has a bizStep.")
OWN_WORD = Rule("own_word", "«{given}» is no word of the Core Business Vocabulary 2.0: others will not know it.")
STEP_ACTION = Rule("step_action", "The business step {name} goes with action {expected}, and the action is {given}.")
NO_PARENT = Rule("no_parent", "An AggregationEvent with action ADD or DELETE has a parentID.")
FUTURE = Rule("future", "The event happens at {given}, which has not come yet.")
EXTENDED_TYPE = Rule(
    "extended_type", "{given} is no event type of EPCIS 2.0: which objects it names is not known here."
)

RULES: tuple[Rule, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Rule))
"""Every rule."""
