"""The Core Business Vocabulary 2.0: the words that events are made of.

A member's value is the bare word of the EPCIS 2.0 JSON binding; ``.uri`` is its web vocabulary URI
(CBV 2.0, sections 7.1, 7.2 and EPCIS 2.0 section 7.3).
"""

from enum import StrEnum

CBV = "https://ref.gs1.org/cbv/"
"""Namespace of the standard vocabulary."""

_SPELLINGS = tuple(
    f"{start}{kind}"
    for start, kinds in (
        (CBV, ("BizStep-", "Disp-", "BTT-", "SDT-", "ER-", "Comp-")),
        ("cbv:", ("BizStep-", "Disp-", "BTT-", "SDT-", "ER-", "Comp-")),
        ("urn:epcglobal:cbv:", ("bizstep:", "disp:", "btt:", "sdt:", "er:")),
        ("gs1:", ("",)),
    )
    for kind in kinds
)


def bare_word(text: str) -> str:
    """A word of the standard, such as a business step, as its bare word, however it is spelled; other text unchanged.

    >>> bare_word("urn:epcglobal:cbv:bizstep:packing")
    'packing'
    """
    for start in _SPELLINGS:
        if text.startswith(start):
            return text[len(start) :]
    return text


class Action(StrEnum):
    """How an event relates to the life of its objects (EPCIS 2.0 section 7.3.2)."""

    ADD = "ADD"
    OBSERVE = "OBSERVE"
    DELETE = "DELETE"


class BizStep(StrEnum):
    """The 41 standard business steps (CBV 2.0 section 7.1)."""

    ACCEPTING = "accepting"
    ARRIVING = "arriving"
    ASSEMBLING = "assembling"
    COLLECTING = "collecting"
    COMMISSIONING = "commissioning"
    CONSIGNING = "consigning"
    CREATING_CLASS_INSTANCE = "creating_class_instance"
    CYCLE_COUNTING = "cycle_counting"
    DECOMMISSIONING = "decommissioning"
    DEPARTING = "departing"
    DESTROYING = "destroying"
    DISASSEMBLING = "disassembling"
    DISPENSING = "dispensing"
    ENCODING = "encoding"
    ENTERING_EXITING = "entering_exiting"
    HOLDING = "holding"
    INSPECTING = "inspecting"
    INSTALLING = "installing"
    KILLING = "killing"
    LOADING = "loading"
    OTHER = "other"
    PACKING = "packing"
    PICKING = "picking"
    RECEIVING = "receiving"
    REMOVING = "removing"
    REPACKAGING = "repackaging"
    REPAIRING = "repairing"
    REPLACING = "replacing"
    RESERVING = "reserving"
    RETAIL_SELLING = "retail_selling"
    SAMPLING = "sampling"
    SENSOR_REPORTING = "sensor_reporting"
    SHIPPING = "shipping"
    STAGING_OUTBOUND = "staging_outbound"
    STOCK_TAKING = "stock_taking"
    STOCKING = "stocking"
    STORING = "storing"
    TRANSPORTING = "transporting"
    UNLOADING = "unloading"
    UNPACKING = "unpacking"
    VOID_SHIPPING = "void_shipping"

    @property
    def uri(self) -> str:
        """The web vocabulary URI, such as ``https://ref.gs1.org/cbv/BizStep-packing``."""
        return f"{CBV}BizStep-{self.value}"


class Disposition(StrEnum):
    """The 33 standard dispositions (CBV 2.0 section 7.2)."""

    ACTIVE = "active"
    AVAILABLE = "available"
    COMPLETENESS_VERIFIED = "completeness_verified"
    COMPLETENESS_INFERRED = "completeness_inferred"
    CONFORMANT = "conformant"
    CONTAINER_CLOSED = "container_closed"
    CONTAINER_OPEN = "container_open"
    DAMAGED = "damaged"
    DESTROYED = "destroyed"
    DISPENSED = "dispensed"
    DISPOSED = "disposed"
    ENCODED = "encoded"
    EXPIRED = "expired"
    IN_PROGRESS = "in_progress"
    IN_TRANSIT = "in_transit"
    INACTIVE = "inactive"
    MISMATCH_INSTANCE = "mismatch_instance"
    MISMATCH_CLASS = "mismatch_class"
    MISMATCH_QUANTITY = "mismatch_quantity"
    NEEDS_REPLACEMENT = "needs_replacement"
    NO_PEDIGREE_MATCH = "no_pedigree_match"
    NON_CONFORMANT = "non_conformant"
    NON_SELLABLE_OTHER = "non_sellable_other"
    PARTIALLY_DISPENSED = "partially_dispensed"
    RECALLED = "recalled"
    RESERVED = "reserved"
    RETAIL_SOLD = "retail_sold"
    RETURNED = "returned"
    SELLABLE_ACCESSIBLE = "sellable_accessible"
    SELLABLE_NOT_ACCESSIBLE = "sellable_not_accessible"
    STOLEN = "stolen"
    UNAVAILABLE = "unavailable"
    UNKNOWN = "unknown"

    @property
    def uri(self) -> str:
        """The web vocabulary URI, such as ``https://ref.gs1.org/cbv/Disp-active``."""
        return f"{CBV}Disp-{self.value}"
