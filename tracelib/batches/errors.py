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


class BatchClosedAlreadyError(RuleError):
    """A closed batch is closed again."""

    code = "batch.closed_already"
    template = "Batch {batch} is closed already: nothing was changed."


class BatchClosedError(RuleError):
    """A closed batch issues nothing."""

    code = "batch.closed"
    template = "Batch {batch} is closed: no more codes are issued for it. Register the goods as another batch."


class BatchClosedForTakingError(RuleError):
    """Nothing is taken out of a closed batch."""

    code = "batch.closed_for_taking"
    template = "Batch {batch} is closed: nothing more is taken out of it. Register the goods as another batch."


class BatchWeightError(RuleError):
    """Codes would state more weight than the batch has."""

    code = "batch.weight"
    template = (
        "Batch {batch} weighs {weight_kg} kg, of which {issued_kg} kg are on codes already and {taken_kg} kg went into "
        "other batches. {count} codes of {unit_kg} kg need {needed_kg} kg, and {left_kg} kg are left: enough for "
        "{possible}. Issue fewer codes, or register the rest of the harvest as a batch of its own."
    )


class WeightTextError(FormatError):
    """A text that should be a weight is none."""

    code = "batch.weight_text"
    template = (
        "«{given}» is no weight: expected whole grams above 0 and at most 10000 t, such as 500kg, 1000斤 or 1.5吨."
    )


class WeightUnitError(FormatError):
    """A weight without a unit, or in something that is no weight."""

    code = "batch.weight_unit"
    template = (
        "«{given}» names no unit of weight: write it with 公斤, 千克, kg, 斤, 吨, t, 克 or g, such as 500kg. "
        "担, 箱 and 件 are no weights: weigh the goods, or multiply by the net weight of one."
    )


class BatchExistsError(RuleError):
    """A new batch has a lot that is taken."""

    code = "batch.exists"
    template = "Batch {batch} is registered already: choose another lot for the new batch."


class BatchUsedUpError(RuleError):
    """Nothing is left of a batch."""

    code = "batch.used_up"
    template = (
        "Nothing is left of batch {batch}: {issued_kg} kg are on codes and {taken_kg} kg went into other batches."
    )


class BatchTakeError(RuleError):
    """More is to be taken out of a batch than is left of it."""

    code = "batch.take"
    template = (
        "{wanted_kg} kg cannot be taken out of batch {batch}: {left_kg} kg are left ({issued_kg} kg are on codes, "
        "{taken_kg} kg went into other batches). Take less; what is on codes stays with its batch."
    )


class ConservationError(RuleError):
    """What comes out and the loss are not what was taken in."""

    code = "batch.conservation"
    template = (
        "{taken_kg} kg go in, but {out_kg} kg come out and {loss_kg} kg are lost: in must be out and loss together, "
        "to the gram. At most one new batch may be without a weight; it takes the rest."
    )


class LossReasonError(RuleError):
    """A loss without a reason."""

    code = "batch.loss_reason"
    template = "{loss_kg} kg would be lost without a reason: say why with --reason TEXT."


class CloseReasonError(RuleError):
    """A batch closed without a reason."""

    code = "batch.close_reason"
    template = "Batch {batch} is not closed without a reason: say why with --reason TEXT."


class TransformationShapeError(RuleError):
    """Too few or too many batches for what is to be done."""

    code = "batch.shape"
    template = "Batches named: {count}; expected {least} to {most}: a merge takes at least two."


class TransformationPartyError(RuleError):
    """Batches that do not go together: several parties or products, or a product that should (not) change."""

    code = "batch.together"
    template = (
        "Batch {batch} does not go with {other}: a split and a merge stay within one product of one party; "
        "re-packing makes another product of that party."
    )


class SameBatchError(RuleError):
    """One batch named twice."""

    code = "batch.same"
    template = "Batch {batch} is named twice: each batch goes in or comes out once."


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
