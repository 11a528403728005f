"""A real browser at a page (the distribution's chromium, steered through its debugging pipe), and a real line."""

import base64
import itertools
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.clock import SystemClock
from tracelib.store.unit_of_work import Store
from tracelib_scanner.fake_reader import FakeReader

PATIENCE_S = 30.0
Value = Any
"""What a script in the page answers."""
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One page of a headless chromium. Everything has a deadline: a browser that hangs fails its test."""

    def __init__(self, folder: Path) -> None:
        assert PROGRAM is not None
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        options = (
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--mute-audio",
            "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank",
        )  # fmt: skip
        command = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        with (folder / "chromium.txt").open("wb") as log:
            self._process = subprocess.Popen(
                ["/bin/bash", "-c", command, "chromium", PROGRAM, *options],
                pass_fds=(to_browser, from_browser),
                stdout=log,
                stderr=log,
            )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers = itertools.count(1)
        self._left = b""
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.errors: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """One command and its answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = self._next(deadline)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                pytest.fail("the browser does not answer")
            self._left += data
        message, _, self._left = self._left.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer

    def _note(self, message: dict[str, Any]) -> None:
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.errors.append(str(params["exceptionDetails"].get("exception", params["exceptionDetails"])))
        elif method == "Log.entryAdded" and params["entry"]["source"] == "security":
            self.errors.append(params["entry"]["text"])

    def size(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Value:
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, script: str, patience_s: float = PATIENCE_S) -> None:
        """Until an expression is true, also across the loading of a page."""
        deadline = time.monotonic() + patience_s
        while not self.run(f"document.readyState === 'complete' && !!({script})"):
            if time.monotonic() > deadline:
                pytest.fail(f"never true: {script}; the page shows {self.text()!r}; {self.errors}")
            time.sleep(0.05)

    def text(self) -> str:
        return str(self.run("document.body ? document.body.innerText : ''"))

    def press(self, key: str, text: str = "") -> None:
        """One key."""
        named = {"key": key, "code": key, **({"text": text} if text else {})}
        self.call("Input.dispatchKeyEvent", type="keyDown", **named)
        self.call("Input.dispatchKeyEvent", type="keyUp", **named)

    def touch(self, selector: str) -> None:
        """A finger on the middle of an element."""
        script = (
            f"(r => [r.x + r.width / 2, r.y + r.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        x, y = self.run(script)
        self.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def offline(self, away: bool) -> None:
        """Pull the network cable between browser and page, or plug it in."""
        self.call(
            "Network.emulateNetworkConditions", offline=away, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def picture(self) -> bytes:
        """What is seen now, as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        os.close(self._read)
        os.close(self._write)


CONFIG = """
station = "LINE-1"
mode = "activate+pack"
cartons_per_pallet = 3
[screen]
port = {port}
{screen}
[[device]]
name = "belt"
type = "serial"
port = "{reader}"
"""


@dataclass
class Hall:
    """A workspace with a line whose page is open, and a reader at the other end of a pseudo-terminal."""

    folder: Path
    world: World
    reader: FakeReader
    port: int = 0
    screen: str = ""
    url: str = ""
    lines: list[dict[str, Any]] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None

    def start(self, **env: str) -> None:
        """Start the line and wait until its page and its reader are there."""
        config = CONFIG.format(port=self.port, screen=self.screen, reader=self.reader.port)
        (self.folder / "line.toml").write_text(config, "utf-8")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("TRACELIB_", "LC_", "LANG"))}
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from tracelib_cli.main import run; run()", "line", "run", "--json"],
            cwd=self.folder,
            env={**clean, **env},
            stdout=subprocess.PIPE,
            text=True,
        )
        self.lines = []
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        self.url = self.wait_for(lambda line: line["type"] == "screen")["url"]
        self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])
        self.wait_for(lambda line: line.get("device") == "belt" and line.get("state") == "up")

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            with suppress(ValueError):  # killed in the middle of a line
                self.lines.append(json.loads(line))

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first line that the program says and that is wanted."""
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE_S
        while True:
            for line in list(self.lines):
                if wanted(line):
                    return line
            if time.monotonic() > deadline or self.process.poll() is not None:
                pytest.fail(f"the line never said it: {self.lines[-5:]}")
            time.sleep(0.02)

    def wait_scans(self, count: int) -> None:
        self.wait_for(lambda _: sum(line["type"] == "scan" for line in list(self.lines)) >= count)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(PATIENCE_S)
            finally:
                self.process.kill()
                self.process.wait(10)
            self.process = None


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """A hall whose line is not yet running."""
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'tracelib.db'}") as store:
        world = make_world(store, tmp_path / "keys", SystemClock())
        (tmp_path / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n', "utf-8")
        (tmp_path / "trust.bundle").write_bytes(world.bundle)
        with FakeReader() as reader:
            made = Hall(tmp_path, world, reader)
            try:
                yield made
            finally:
                made.stop(signal.SIGKILL)


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    if PROGRAM is None:
        pytest.skip("no chromium")
    made = Browser(tmp_path_factory.mktemp("chromium"))
    try:
        yield made
        assert made.errors == []
    finally:
        made.close()
