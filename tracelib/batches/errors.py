"""What may be wrong with a batch, a reference to one, or a manifest."""

from tracelib.errors import FormatError, RuleError, VerificationError


class BatchReferenceError(FormatError):
    """A text that should name a batch does not."""

    code = "batch.reference"
    template = "«{given}» names no batch: expected LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT."


class BatchDayError(FormatError):
    """A day of production that no batch of this system can have."""

    code = "batch.day"
    template = "The day of production {given} is outside {earliest} to {latest}."


class BatchStateError(RuleError):
    """A batch cannot go from its state to the one that was asked for."""

    code = "batch.state"
    template = "Batch {batch} is «{state}» and cannot become «{wanted}»."


class BatchClosedError(RuleError):
    """A closed batch issues nothing."""

    code = "batch.closed"
    template = "Batch {batch} is closed: no more codes are issued for it. Register the goods as another batch."


class BatchWeightError(RuleError):
    """Codes would state more weight than the batch has."""

    code = "batch.weight"
    template = (
        "Batch {batch} weighs {weight_kg} kg, of which {issued_kg} kg are on codes already. {count} codes of "
        "{unit_kg} kg need {needed_kg} kg, and {left_kg} kg are left: enough for {possible}. "
        "Issue fewer codes, or register the rest of the harvest as a batch of its own."
    )


class ManifestFormatError(FormatError):
    """Bytes that should be a manifest are not one."""

    code = "manifest.malformed"
    template = "The manifest is malformed: {detail}."


class ManifestSignatureError(VerificationError):
    """A manifest is not signed by the issuer key it names."""

    code = "manifest.signature"
    template = "The manifest is not signed by issuer key {key}: {detail}."


class ManifestSequenceError(VerificationError):
    """A manifest does not follow the one before it."""

    code = "manifest.sequence"
    template = "Manifest {seq} does not follow the one before it: {field} is {found}, expected {expected}."
