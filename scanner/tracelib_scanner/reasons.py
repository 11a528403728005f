"""Why a device cannot be used, in words an operator can act on; what a library or the system says is for a log."""

import errno
import socket

NO_PORT = "there is no such port"
NO_FOLDER = "there is no such folder"
NO_FILE = "there is no such file"
NO_SERIAL_PORT = "this is no serial port"
NO_NODE = "there is no such device node"
NOT_SUCH_A_DEVICE = "this is another kind of device"
NO_ANSWER = "nobody answers there"
NO_SUCH_ADDRESS = "this machine has no such address"
NO_RIGHT = "this user has no right to it"
IN_USE = "another program is using it"
GONE = "the cable was pulled or the device is off"
OTHER_SETTINGS = "it does not take these settings (speed, data bits, parity)"
NOT_OPEN = "it is not open"
NOBODY_CONNECTED = "no reader has connected yet"
COMES_AND_GOES = "it goes away again and again: look at plug and cable"
MUCH_IS_DAMAGED = "half of what it sends is damaged: look at cable, speed and parity"
READS_LITTLE = "it reads nothing half of the time: look at light, distance and labels"
NO_CAMERA = "there is no camera that gives a picture"
SILENT = "it gives no picture any more"
PICTURE_BLACK = "its picture is black: look at cap, light and exposure"
PICTURE_STILL = "its picture stands still to the last bit: switch it off and on"
NO_TEXT = "it is no text in UTF-8"
UNKNOWN = "the system gives no reason that is known here"

REASONS = (
    NO_PORT,
    NO_FOLDER,
    NO_FILE,
    NO_SERIAL_PORT,
    NO_NODE,
    NOT_SUCH_A_DEVICE,
    NO_ANSWER,
    NO_SUCH_ADDRESS,
    NO_RIGHT,
    IN_USE,
    GONE,
    OTHER_SETTINGS,
    NOT_OPEN,
    NOBODY_CONNECTED,
    COMES_AND_GOES,
    MUCH_IS_DAMAGED,
    READS_LITTLE,
    NO_CAMERA,
    SILENT,
    PICTURE_BLACK,
    PICTURE_STILL,
    NO_TEXT,
    UNKNOWN,
)
"""Every reason; their Chinese stands under the context ``device``."""

_OF_NUMBER = {
    errno.EACCES: NO_RIGHT,
    errno.EPERM: NO_RIGHT,
    errno.EAGAIN: IN_USE,
    errno.EWOULDBLOCK: IN_USE,
    errno.EBUSY: IN_USE,
    errno.EIO: GONE,
    errno.ENXIO: GONE,
    errno.ENODEV: GONE,
    errno.ENOTTY: NO_SERIAL_PORT,
    errno.EISDIR: NO_SERIAL_PORT,
    errno.EINVAL: OTHER_SETTINGS,
    errno.ECONNREFUSED: NO_ANSWER,
    errno.ETIMEDOUT: NO_ANSWER,
    errno.EHOSTUNREACH: NO_ANSWER,
    errno.ENETUNREACH: NO_ANSWER,
    errno.EADDRINUSE: IN_USE,
    errno.EADDRNOTAVAIL: NO_SUCH_ADDRESS,
}


def reason_of(error: BaseException, missing: str) -> str:
    """The reason for a failed opening. ``missing`` is what is said where nothing is there."""
    if isinstance(error, UnicodeDecodeError):
        return NO_TEXT
    if isinstance(error, ValueError):
        return OTHER_SETTINGS
    if isinstance(error, TimeoutError | socket.gaierror):
        return NO_ANSWER
    number = _number(error)
    return missing if number in (errno.ENOENT, errno.ENOTDIR) else _OF_NUMBER.get(number, UNKNOWN)


def _number(error: BaseException) -> int:
    """The system's number: an OSError has it; ``termios.error`` and what pyserial wraps have it as first argument."""
    for one in (error, error.__context__):
        if isinstance(one, OSError) and one.errno:
            return one.errno
        if one is not None and one.args and isinstance(one.args[0], int):
            return one.args[0]
    return 0
