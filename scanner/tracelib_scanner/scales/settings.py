"""``[scale]`` in ``line.toml``: the scale whose weight every carton takes along.

Other protocols come in by an entry point of the group ``tracelib.scales``: a function that takes the table and gives a
:class:`ScaleProtocol`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points

from tracelib.clock import Clock
from tracelib_scanner.drivers.framed_reader import FramedReader
from tracelib_scanner.drivers.serial_reader import PARITIES, SerialPort, SerialSettings
from tracelib_scanner.fields import Table
from tracelib_scanner.framer import Framer
from tracelib_scanner.scales.toledo import ToledoFramer, weight_of
from tracelib_scanner.scales.weight import Weight, WeightSource

NAME = "scale"
GROUP = "tracelib.scales"
HEAVIEST_TARE_G = 100_000


@dataclass(frozen=True, slots=True)
class ScaleProtocol:
    """How a scale speaks: a new framer, and the weight in a frame's data. A port's usual bits and parity."""

    framer: Callable[[bool], Framer]
    weight_of: Callable[[bytes], Weight]
    bits: int = 7
    parity: str = "even"


TOLEDO = ScaleProtocol(lambda checksum: ToledoFramer(checksum=checksum), weight_of)


@dataclass(frozen=True, slots=True)
class ScaleConfig:
    """A scale on a serial port. ``required``: a carton without a weight is refused; ``tare_g``: what the empty carton
    weighs, where the scale does not take it off itself; ``fresh_s``: a weight counts for so long.
    """

    protocol: str
    port: SerialSettings
    checksum: bool
    fresh_s: float
    tare_g: int
    required: bool

    def driver(self, clock: Clock) -> FramedReader:
        """The scale as a device, not yet open: its readings are messages of the scale."""
        return FramedReader(NAME, SerialPort(self.port), protocol_of(self.protocol).framer(self.checksum), clock)

    def source(self) -> WeightSource:
        """Where its weights go."""
        return WeightSource(self.fresh_s, self.tare_g)

    def weight_of(self, data: bytes) -> Weight:
        """What a message says."""
        return protocol_of(self.protocol).weight_of(data)


def protocol_of(name: str) -> ScaleProtocol:
    """The protocol of that name: ours, or one that is installed; KeyError for none."""
    if name == "toledo":
        return TOLEDO
    found: ScaleProtocol = entry_points(group=GROUP)[name].load()
    return found


def scale_from(table: Table) -> ScaleConfig:
    """The settings of a ``[scale]`` table: protocol, port, baud, bits, parity, checksum, fresh_ms, tare_g, required."""
    names = ("toledo", *(point.name for point in entry_points(group=GROUP)))
    protocol = table.choice("protocol", "toledo", names)
    usual = protocol_of(protocol)
    config = ScaleConfig(
        protocol=protocol,
        port=SerialSettings(
            port=table.text("port", expected="a port such as /dev/serial/by-id/…", required=True),
            baud=table.integer("baud", 9600, 50, 4_000_000),
            bits=table.integer("bits", usual.bits, 5, 8),
            parity=table.choice("parity", usual.parity, tuple(PARITIES)),
        ),
        checksum=table.flag("checksum", False),
        fresh_s=table.number("fresh_ms", 1000, 50, 60_000, "ms") / 1000,
        tare_g=table.integer("tare_g", 0, 0, HEAVIEST_TARE_G),
        required=table.flag("required", True),
    )
    table.finish()
    return config
