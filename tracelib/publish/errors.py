"""What can go wrong when a catalogue is published, and what a published catalogue can fail by."""

from tracelib.errors import FormatError, RuleError, StoreError, VerificationError
from tracelib.trust.errors import WordedMessage


class FolderTakenError(RuleError):
    """The folder holds something that is no earlier publication."""

    code = "publish.folder_taken"
    template = (
        "{folder} holds files that are not from an earlier publication ({found}), and a publication takes the place of "
        "everything in its folder. Choose a new or empty folder, or one that holds a publication alone."
    )


class LinkError(RuleError):
    """The folder, or something in it, is a link that leads elsewhere."""

    code = "publish.link"
    template = "{path} is a link, and links are not followed: name the folder itself."


class PublishWriteError(StoreError):
    """The pages could not be written."""

    code = "publish.write"
    template = "{folder} could not be written: {detail}. What was there before is as it was."


class NothingToPublishError(RuleError):
    """No product is on offer on that day."""

    code = "publish.nothing"
    template = (
        "There is nothing to publish: on {day} no product of the catalogue is on offer. "
        "See what is recorded with: tracelib catalog show --on {day}"
    )


class PageTooLargeError(RuleError):
    """A page would weigh more than is promised."""

    code = "publish.page_too_large"
    template = "{page} would weigh {found} bytes, more than {limit}: shorten the descriptions of what it shows."


class CatalogueFormatError(WordedMessage, FormatError):
    """The file is no signed catalogue."""

    code = "publish.format"
    template = "{file} is no signed catalogue ({reason}): expected the file catalogue.cose of a publication."


class CatalogueKeyError(WordedMessage, VerificationError):
    """Nobody who is trusted signed the catalogue, or not for that day."""

    code = "publish.key"
    template = "The catalogue of {day} does not count: {reason}."


class CataloguePictureError(VerificationError):
    """Pictures beside the signed catalogue are others than those that were signed."""

    code = "publish.picture"
    template = (
        "{count} pictures are not those that were signed, the first is {file}: take the pages and files from where "
        "they were published, again."
    )


class CatalogueTwinError(VerificationError):
    """The readable file beside the signed one says something else."""

    code = "publish.twin"
    template = "{file} is not what was signed: take the pages and files from where they were published, again."
