"""``python -m tracelib.sync.simulator``: serves until it is ended; its first line of output is its address."""

import argparse
import json
import logging
import socket
import sys
from pathlib import Path
from typing import Any

from tracelib.sync.simulator.app import Faults, make_app
from tracelib.sync.simulator.state import State

_COUNTS = (
    ("refuse-every", "refuse every N-th event, for ever, with its whole delivery"),
    ("timeout-after-accept-every", "store every N-th delivery and then stay silent"),
    ("cut-every", "store every N-th delivery and cut the connection"),
    ("twice-every", "store every N-th delivery and answer that it exists already"),
    ("error-every", "answer every N-th delivery with status 500, nothing stored"),
    ("busy-every", "answer every N-th delivery with status 429, nothing stored"),
    ("event-limit", "take at most N events in a delivery"),
    ("byte-limit", "take at most N bytes in a delivery"),
)


def main(arguments: list[str] | None = None) -> None:
    """Parse the command line and serve."""
    import uvicorn

    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.CRITICAL)
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options.host, options.port))
    listener.listen()  # before its address is told: whoever is quick must not be refused
    faults = Faults(
        **{name.replace("-", "_"): getattr(options, name.replace("-", "_")) for name, _help in _COUNTS},
        hang_s=options.hang_s,
        job_polls=options.job_polls,
        synchronous=options.synchronous,
        keep_duplicates=options.keep_duplicates,
        token=options.token,
    )
    app = make_app(State(options.db), faults, _validator(options.schema))
    host, port = listener.getsockname()[:2]
    sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off")).run(sockets=[listener])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracelib.sync.simulator",
        description="An EPCIS 2.0 repository with bad manners, to try pushes against.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one; the address is printed")
    parser.add_argument("--db", type=Path, required=True, help="SQLite file of the platform's own state")
    for name, text in _COUNTS:
        parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=text)
    parser.add_argument("--hang-s", type=float, default=30.0, help="how long a silence lasts")
    parser.add_argument("--job-polls", type=int, default=1, help="a job has finished when it is asked the N-th time")
    parser.add_argument("--synchronous", action="store_true", help="answer 201 at once instead of a capture job")
    parser.add_argument("--keep-duplicates", action="store_true", help="store what comes twice twice")
    parser.add_argument("--schema", type=Path, help="EPCIS JSON schema to validate documents with (needs jsonschema)")
    parser.add_argument("--token", default="", help="bearer token to demand")
    return parser


def _validator(file: Path | None) -> Any:  # noqa: ANN401 - jsonschema's validator class depends on the schema
    if file is None:
        return None
    import jsonschema

    schema = json.loads(file.read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


if __name__ == "__main__":
    main()
