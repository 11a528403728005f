"""What can be wrong with a backup file, or with the place that it goes to."""

from tracelib.errors import FormatError, RuleError, StoreError


class ArchiveFormatError(FormatError):
    """The file is no backup, or not a whole one."""

    code = "backup.format"
    template = "{file} is no whole backup: {reason}. Nothing was taken from it. Use another copy, or another backup."


class ArchiveNewerError(FormatError):
    """The file was made by a newer version of the program."""

    code = "backup.newer"
    template = (
        "{file} has the format {given}, this program knows {expected}: it was made by a newer version. Nothing was "
        "taken from it. Install that version."
    )


class ArchiveWriteError(StoreError):
    """The file could not be written."""

    code = "backup.write"
    template = (
        "{file} could not be written: {detail}. Nothing half-written is left under that name, and what was there "
        "before is as it was. Make room or take another disk, then run it again."
    )


class ArchiveExistsError(RuleError):
    """There is a file of that name."""

    code = "backup.exists"
    template = "{file} is there already: nothing was written. Name another file, or give --force to replace it."


class FileNameError(RuleError):
    """A file of the workspace has a name that not every system can have."""

    code = "backup.name"
    template = (
        '{file} has a name that cannot be restored everywhere (no character of \\ : * ? " < > |, no blank or dot at '
        "its ends): no backup was made. Rename it and run it again."
    )


class FileChangedError(StoreError):
    """A file of the workspace was written while it was being copied."""

    code = "backup.changed"
    retryable = True
    template = "{file} was written while it was being copied: no backup was made. Run it again."


class NoRoomError(StoreError):
    """The disk has less room than the backup needs."""

    code = "backup.no_room"
    template = "{folder} has {free} MB free, and {needed} MB are needed: nothing was written. Make room and try again."
