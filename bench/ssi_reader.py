"""A reader that repeats each code until the line says that it is on disk: Zebra SSI on a pseudo-terminal.

It behaves as the hardware does: it goes on through a cable that is pulled and a computer that dies, and sends the code
again, with the bit «sent again», as soon as somebody listens.
"""

import os
import select
import time
from pathlib import Path

from tracelib_scanner.ssi import ACK, DECODE_DATA, NAK, RETRANSMIT, packet

QR = 0x1C
WAIT_S = 0.5
"""An SE 923 waits two seconds for the answer; a shorter wait makes more repetitions."""


class SsiReader:
    """The reader. ``link`` is the name of the port that the line opens; it points to another terminal after a pull."""

    def __init__(self, link: Path) -> None:
        self._link = link
        self._near = self._far = -1
        self.repeated = 0
        self.plug()

    def plug(self) -> None:
        """Connect, as a new terminal under the same name."""
        import tty

        self._near, self._far = os.openpty()
        for end in (self._near, self._far):
            tty.setraw(end)
        os.set_blocking(self._near, False)
        new = self._link.with_name(f".{self._link.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(os.ttyname(self._far))
        new.rename(self._link)

    def unplug(self) -> None:
        """Pull the cable: the line sees a hang-up, and the port's name is gone."""
        self._link.unlink(missing_ok=True)
        for end in (self._near, self._far):
            os.close(end)
        self._near = self._far = -1

    def noise(self, data: bytes) -> None:
        """Send bytes that are no packet, or the beginning of one."""
        self._write(data)

    def deliver(self, text: str, deadline_s: float) -> bool:
        """Send a code until it is acknowledged; False where nobody did so until ``deadline_s`` (monotonic)."""
        self._answer()  # a late answer to the last code is none to this one
        data, status = bytes([QR]) + text.encode(), 0
        while time.monotonic() < deadline_s:
            self._write(packet(DECODE_DATA, data, source=0, status=status))
            if self._acknowledged(min(deadline_s, time.monotonic() + WAIT_S)):
                return True
            status = RETRANSMIT
            self.repeated += 1
        return False

    def _acknowledged(self, until_s: float) -> bool:
        heard = b""
        while (left := until_s - time.monotonic()) > 0:
            if select.select([self._near], [], [], left)[0]:
                heard += self._answer()
                if packet(ACK) in heard:
                    return True
                if bytes([NAK]) in heard[1:2]:
                    return False
        return False

    def _answer(self) -> bytes:
        try:
            return os.read(self._near, 4096)
        except OSError:  # nothing there, or nobody at the other end
            return b""

    def _write(self, data: bytes) -> None:
        try:
            os.write(self._near, data)
        except OSError:  # nobody takes it, and the terminal is full
            return
