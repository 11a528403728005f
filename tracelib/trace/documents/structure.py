"""How EPCIS 2.0 writes documents and events in JSON (EPCIS 2.0, section 9). The verdict is that of GS1's schema."""

from collections.abc import Mapping

from tracelib.trace.context import (
    BIZ_STEPS,
    BIZ_TRANSACTION_TYPES,
    COMPONENTS,
    DISPOSITIONS,
    EXCEPTIONS,
    MEASUREMENTS,
    REASONS,
    SOURCE_DESTINATION_TYPES,
)
from tracelib.trace.documents import finding as say
from tracelib.trace.documents.finding import Level, Notes
from tracelib.trace.documents.shape import (
    Check,
    anything,
    boolean,
    closed,
    either,
    fields,
    free,
    is_uri,
    listed,
    number,
    pattern,
    text,
    time,
    uri,
    word,
)
from tracelib.trace.vocab import Action

_URI = uri(Level.SCHEMA)
_OBJECT_URI = uri(Level.ERROR)
_TIME = time(Level.SCHEMA)
_STEP = word(BIZ_STEPS)
_DISPOSITION = word(DISPOSITIONS)
_PLACE = fields({"id": _URI}, ["id"], others=free)
_EPCS = listed(_OBJECT_URI, Level.ERROR)
_EPCS_ONCE = listed(_OBJECT_URI, Level.ERROR, unique=True)
_QUANTITY = fields(
    {"epcClass": _OBJECT_URI, "quantity": number, "uom": pattern("[A-Z0-9]{2,3}", "KGM")},
    ["epcClass"],
    Level.ERROR,
    others=closed,
)
_QUANTITIES = listed(_QUANTITY, Level.ERROR)
_TRANSACTION = fields({"type": word(BIZ_TRANSACTION_TYPES), "bizTransaction": _URI}, ["bizTransaction"], others=closed)
_PARTY = word(SOURCE_DESTINATION_TYPES)
_METADATA = fields(
    {
        **dict.fromkeys(("time", "startTime", "endTime"), _TIME),
        **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _URI),
    }
)
_REPORT = fields(
    {
        "type": word(MEASUREMENTS, measures=True),
        "exception": word(EXCEPTIONS, measures=True),
        **dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _URI),
        **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), _URI),
        "time": _TIME,
        "component": word(COMPONENTS),
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), number),
        **dict.fromkeys(("stringValue", "uom"), text),
        "booleanValue": boolean,
        "hexBinaryValue": pattern("[A-Fa-f0-9]+", "0AFF"),
    },
    ["type"],
)
_SENSOR = fields({"sensorMetadata": _METADATA, "sensorReport": listed(_REPORT, least=1)}, ["sensorReport"])
_DECLARATION = fields(
    {
        "declarationTime": time(Level.ERROR),
        "reason": word(REASONS),
        "correctiveEventIDs": listed(_URI),
    },
    ["declarationTime"],
    Level.ERROR,
)
_CONTEXT_ENTRY: Check = lambda notes, path, value: None if isinstance(value, dict) else _URI(notes, path, value)  # noqa: E731
_CONTEXT = either(_CONTEXT_ENTRY, listed(_CONTEXT_ENTRY, unique=True))


def _persistent(notes: Notes, path: str, value: object) -> None:
    words = listed(_DISPOSITION, least=1, unique=True)
    fields({"set": words, "unset": words}, others=closed)(notes, path, value)
    if isinstance(value, dict) and not {"set", "unset"} & set(value):
        notes.add(say.NOTHING_SET, Level.SCHEMA, path)


def _action(notes: Notes, path: str, value: object) -> None:
    if not isinstance(value, str) or value not in Action.__members__:
        notes.add(say.NOT_ACTION, Level.ERROR, path, given=value)


def _event_id(notes: Notes, path: str, value: object) -> None:
    (_URI if value == "" else _OBJECT_URI)(notes, path, value)  # an empty one is as good as none


_OF_ALL: Mapping[str, Check] = {
    "@context": _CONTEXT,
    "type": anything,
    "eventTime": time(Level.ERROR),
    "recordTime": _TIME,
    "eventTimeZoneOffset": pattern(r"[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00)", say.NOT_OFFSET),
    "eventID": _event_id,
    "certificationInfo": either(_URI, listed(_URI)),
    "errorDeclaration": _DECLARATION,
}
_OF_STANDARD: Mapping[str, Check] = {
    **_OF_ALL,
    "bizStep": _STEP,
    "disposition": _DISPOSITION,
    "readPoint": _PLACE,
    "bizLocation": _PLACE,
    "bizTransactionList": listed(_TRANSACTION),
    "sourceList": listed(fields({"type": _PARTY, "source": _URI}, ["type", "source"], others=closed)),
    "destinationList": listed(fields({"type": _PARTY, "destination": _URI}, ["type", "destination"], others=closed)),
    "sensorElementList": listed(_SENSOR),
}
_MAKES: Mapping[str, Check] = {"persistentDisposition": _persistent, "ilmd": fields({})}
_BELOW: Mapping[str, Check] = {"parentID": _OBJECT_URI, "childEPCs": _EPCS, "childQuantityList": _QUANTITIES}
_FIELDS: Mapping[str, Mapping[str, Check]] = {
    "ObjectEvent": {"epcList": _EPCS_ONCE, "quantityList": _QUANTITIES, "action": _action, **_MAKES},
    "AggregationEvent": {**_BELOW, "action": _action},
    "TransactionEvent": {
        "parentID": _OBJECT_URI,
        "epcList": _EPCS,
        "quantityList": _QUANTITIES,
        "action": _action,
        "bizTransactionList": listed(_TRANSACTION, least=1),
    },
    "TransformationEvent": {
        **dict.fromkeys(("inputEPCList", "outputEPCList"), _EPCS_ONCE),
        **dict.fromkeys(("inputQuantityList", "outputQuantityList"), _QUANTITIES),
        "transformationID": _URI,
        **_MAKES,
    },
    "AssociationEvent": {**_BELOW, "action": _action},
}
_EVENTS: Mapping[str, Check] = {
    kind: fields({**_OF_STANDARD, **own}, ["eventTime", *(["action"] if "action" in own else [])], Level.ERROR)
    for kind, own in _FIELDS.items()
}
_EXTENDED = fields(_OF_ALL, ["eventTime"], Level.ERROR, others=free)
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "TransactionEvent": ("bizTransactionList",),
    "AssociationEvent": ("parentID",),
}


def event_structure(notes: Notes, event: Mapping[str, object]) -> None:
    """Note what an event in JSON has that the binding does not, and the other way round."""
    kind = event.get("type")
    if not isinstance(kind, str) or (kind not in _EVENTS and not is_uri(kind)):
        missing = say.AT_TYPE if "@type" in event else say.MISSING
        notes.add(say.NOT_WORD if isinstance(kind, str) else missing, Level.ERROR, "type", given=kind, name="type")
        return
    _EVENTS.get(kind, _EXTENDED)(notes, "", event)
    for name in ("eventTimeZoneOffset", *_REQUIRED.get(kind, ())):
        if name not in event:
            notes.add(say.MISSING, Level.SCHEMA, "", name=name)
    _objects(notes, kind, event)
    if "ilmd" in event and kind == "ObjectEvent" and event.get("action") in ("OBSERVE", "DELETE"):
        notes.add(say.ILMD_ACTION, Level.SCHEMA, "ilmd", given=event["action"])


def _objects(notes: Notes, kind: str, event: Mapping[str, object]) -> None:
    """Every event names something."""

    def some(*names: str) -> bool:
        return any(event.get(name) for name in names)

    if kind == "TransformationEvent":
        came, left = some("inputEPCList", "inputQuantityList"), some("outputEPCList", "outputQuantityList")
        if not (came and left) and not ("transformationID" in event and (came or left)):
            notes.add(say.NOT_BOTH, Level.SCHEMA, "")
        return
    if kind == "ObjectEvent":
        good = "epcList" in event or some("quantityList") or (some("sensorElementList") and "readPoint" in event)
    elif kind == "TransactionEvent":
        good = "epcList" in event or some("quantityList") or event.get("action") == "DELETE"
    else:
        good = some("childEPCs", "childQuantityList") or event.get("action") == "DELETE"
    if not good and kind in _FIELDS:
        names = [name for name in _FIELDS[kind] if name.endswith(("List", "EPCs")) and name != "bizTransactionList"]
        notes.add(say.NO_OBJECTS, Level.SCHEMA, "", names=", ".join(names))


_ATTRIBUTE = fields({"id": _URI}, ["id"], others=free)
_ELEMENT = fields({"id": _URI, "attributes": listed(_ATTRIBUTE), "children": listed(_URI)}, ["id"], others=free)
_VOCABULARY = fields({"type": _URI, "vocabularyElementList": listed(_ELEMENT)}, ["type"], others=free)
_MASTER_DATA = fields({"vocabularyList": listed(_VOCABULARY)}, others=free)
_AROUND: Mapping[str, Check] = {
    "@context": _CONTEXT,
    "id": _URI,
    "type": text,
    "schemaVersion": pattern(r"\d+(\.\d+)*", "2.0"),
    "creationDate": _TIME,
}
_RESULTS = fields({"eventList": listed(anything), "vocabularyList": listed(_VOCABULARY)}, ["eventList"])
_QUERY = fields({"queryName": text, "subscriptionID": text, "resultsBody": _RESULTS}, ["queryName", "resultsBody"])
_DOCUMENTS: Mapping[str, Check] = {
    "EPCISDocument": fields(
        {
            **_AROUND,
            **dict.fromkeys(("instanceIdentifier", "sender", "receiver"), text),
            "epcisHeader": fields({"epcisMasterData": _MASTER_DATA}),
            "epcisBody": fields({"eventList": listed(anything)}, ["eventList"], others=free),
        },
        ["@context", "schemaVersion", "creationDate", "epcisBody"],
    ),
    "EPCISQueryDocument": fields(
        {**_AROUND, "epcisBody": fields({"queryResults": _QUERY}, ["queryResults"])}, ["@context", "epcisBody"]
    ),
}


def envelope_structure(notes: Notes, kind: str, head: Mapping[str, object]) -> None:
    """Note what the envelope of events has that the binding does not. ``head``: the document without its events."""
    if kind in _DOCUMENTS:
        _DOCUMENTS[kind](notes, "", head)
    else:
        notes.add(say.NOT_WORD, Level.SCHEMA, "type", given=kind, name="type")
