"""What goes wrong with devices, the journal and the line's configuration."""

from collections.abc import Sequence

from tracelib.errors import DeviceError, FormatError, SettingsError, StoreError, TraceError, Translate, shown
from tracelib.identifiers.errors import message_in_words


class DeviceAwayError(DeviceError):
    """Base of a device that is away or not well; ``detail`` is of ``tracelib_scanner.reasons``, translated too."""

    code = "device.away"
    retryable = True
    template = "Device «{device}» at {place} cannot be used now: {detail}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        words = {name: shown(value) for name, value in self.params.items()}
        template = self.template
        if translate:
            template, words["detail"] = translate(self.code, template), translate("device", words["detail"])
        return template.format(**words)


class DeviceUnavailableError(DeviceAwayError):
    """A device cannot be opened now; the line tries again with a growing pause."""

    code = "device.unavailable"
    template = "Device «{device}» cannot be opened at {place}: {detail}. Check cable, power and rights."


class DeviceLostError(DeviceAwayError):
    """An open device went away: unplugged, switched off, hung up."""

    code = "device.lost"
    template = "Device «{device}» at {place} went away: {detail}. The line goes on when it is back."


class DeviceTroubleError(DeviceAwayError):
    """An open device that works badly."""

    code = "device.trouble"
    template = "Device «{device}» works badly: {detail}."


class UnknownDriverError(SettingsError):
    """No driver has this name."""

    code = "device.unknown_driver"
    template = "There is no device type «{given}»; there are: {known}."


class UnknownFormatError(SettingsError):
    """No decoder reads this symbology."""

    code = "device.unknown_format"
    template = "«{given}» is no symbology that the decoders read; they read: {known}."


class LineConfigError(SettingsError):
    """A line configuration with faults; each fault is an error of its own in ``faults``."""

    code = "line.config"
    template = "{file} has {count} fault(s); the line does not start until all are corrected."

    def __init__(self, faults: Sequence[TraceError], **params: object) -> None:
        self.faults = tuple(faults)
        super().__init__(count=len(self.faults), **params)


class LineFieldError(SettingsError):
    """One faulty field of a line configuration."""

    code = "line.config_field"
    template = "{where}: «{given}» does not fit; expected {expected}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class LineFieldMissingError(SettingsError):
    """A field that a line configuration must have."""

    code = "line.config_missing"
    template = "{where} is missing; expected {expected}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class LineFieldUnknownError(SettingsError):
    """A field that no line configuration has."""

    code = "line.config_unknown"
    template = "{where} is no field of a line configuration; did you mean «{nearest}»?"


class LineFileError(SettingsError):
    """The configuration file is missing or is no TOML."""

    code = "line.config_file"
    template = "{file} cannot be read as a line configuration: {detail}."


class PictureError(FormatError):
    """A file that is no picture that can be looked at."""

    code = "device.picture"
    template = (
        "{file} is no picture that can be read: expected PNG, JPEG, TIFF, BMP or WebP of at most 64 MB and 80 million "
        "pixels; save a scan as one of these, not as PDF."
    )


class JournalError(StoreError):
    """The journal cannot be written; the line stops before it would lose a scan."""

    code = "journal.write"
    template = "The journal {file} cannot be used: {detail}. The line stops; no acknowledged scan is lost."


class JournalBusyError(StoreError):
    """Another process works as this station."""

    code = "journal.busy"
    template = "Another program is working as this station: it holds the journal {file}. Stop it first."


class JournalForeignError(FormatError):
    """The file is no journal of this program."""

    code = "journal.foreign"
    template = "{file} is not a scan journal of this version: {detail}. Move it away, or name another folder."


class ReplayFormatError(FormatError):
    """A line of a replay file that is no scan."""

    code = "device.replay_format"
    template = "{file}, line {line}: «{given}» is no scan; expected text, or {expected}."


class ScreenAddressError(SettingsError):
    """Nobody can listen on the address of the operator's page."""

    code = "screen.address"
    template = (
        "The operator's page cannot listen on {host}:{port} ({detail}): name another port in [screen] of line.toml."
    )
