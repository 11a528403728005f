"""The HTTP client against servers that mean no good, over real sockets."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tracelib.errors import SettingsError, SyncError
from tracelib.sync.http import HttpClient, Limits, Secret

QUICK = Limits(connect_s=0.5, read_s=0.4, total_s=0.8, answer_bytes=10_000)
Serve = Callable[[socket.socket], None]


@contextmanager
def server(serve: Serve) -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads one request's head on each connection and does what ``serve`` says."""
    requests: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    requests.append(connection.recv(65536))
                    try:
                        serve(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", requests
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def says(text: str) -> Serve:
    return lambda connection: connection.sendall(text.encode())


def refusal(serve: Serve) -> SyncError:
    with server(serve) as (url, _), HttpClient(url, limits=QUICK) as http, pytest.raises(SyncError) as caught:
        http.request("POST", "capture", body=b"{}")
    return caught.value


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def test_a_plain_answer_is_read_whole() -> None:
    serve = says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Y: z\r\n\r\nok")
    with server(serve) as (url, requests), HttpClient(f"{url}/epcis/", Secret("t0k3n")) as http:
        answer = http.request("GET", "events", params={"EQ_eventID": "a|b"})
    assert (answer.status, answer.body, answer.headers["x-y"]) == (200, b"ok", "z")
    assert requests[0].startswith(b"GET /epcis/events?EQ_eventID=a%7Cb HTTP/1.1\r\n")
    assert b"Authorization: Bearer t0k3n\r\n" in requests[0]
    assert b"Accept-Encoding: identity\r\n" in requests[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_refused_and_nothing_is_sent_there(status: int) -> None:
    with server(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as (other, there):
        error = refusal(says(f"HTTP/1.1 {status} Go\r\nLocation: {other}/capture\r\nContent-Length: 0\r\n\r\n"))
    assert (error.code, error.params["location"]) == ("sync.redirect", f"{other}/capture")
    assert there == []


def test_addresses_on_another_host_are_refused() -> None:
    with HttpClient("https://hub.example.com/epcis") as http:
        assert (
            http.resolve("capture/1", "https://hub.example.com/epcis/capture")
            == "https://hub.example.com/epcis/capture/1"
        )
        assert (
            http.resolve("/capture/1", "https://HUB.example.com/epcis/capture") == "https://HUB.example.com/capture/1"
        )
        for address in ("https://hub.example.com.evil.example/", "http://hub.example.com/", "//evil.example/x",
                        "https://hub.example.com:8443/", "file:///etc/passwd"):  # fmt: skip
            with pytest.raises(SyncError) as caught:
                http.request("GET", address)
            assert caught.value.code == "sync.redirect"


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        (lambda connection: time.sleep(0.6), "sync.reply_lost"),
        (lambda connection: None, "sync.reply_lost"),
        (says("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), "sync.reply_lost"),
        (says("what?\r\n\r\n"), "sync.reply_lost"),
        (drip, "sync.reply_lost"),
        (drip_headers, "sync.reply_lost"),
        (flood, "sync.answer_too_large"),
    ],
    ids=["silence", "hangs up", "cut in the middle", "no http", "slow drip", "slow drip of headers", "one gigabyte"],
)
def test_answers_that_do_not_come_whole(serve: Serve, code: str) -> None:
    started = time.monotonic()
    error = refusal(serve)
    assert (error.code, error.retryable) == (code, True)
    assert time.monotonic() - started < 3


def test_nobody_there_is_known_to_have_carried_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with HttpClient(f"http://127.0.0.1:{port}", limits=QUICK) as http, pytest.raises(SyncError) as caught:
        http.request("GET", "capture")
    assert (caught.value.code, caught.value.retryable) == ("sync.unreachable", True)


@pytest.mark.parametrize(
    "base",
    ["", "hub.example.com", "ftp://hub.example.com", "https://", "https://hub.example.com/?a=b", "http://h:99999",
     "https://h/#x", "http://[::1"],
)  # fmt: skip
def test_base_addresses_that_are_none(base: str) -> None:
    with pytest.raises(SettingsError) as caught:
        HttpClient(base)
    assert caught.value.code == "sync.address"


def test_no_secret_in_any_message_or_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(SettingsError) as refused:
        HttpClient("https://farmer:s3cret@hub.example.com/")
    assert "s3cret" not in str(refused.value) + repr(refused.value.params)
    secret = Secret("s3cret")
    with (
        server(says("HTTP/1.1 500 No\r\nContent-Length: 6\r\n\r\ns3cret")) as (url, _),
        HttpClient(url, secret) as http,
    ):
        http.request("GET", "capture")
    assert "s3cret" not in caplog.text + repr(secret)
    assert "status 500" in caplog.text


@pytest.mark.parametrize(
    ("given", "header"), [("abc", "Bearer abc"), ("Basic eDp5", "Basic eDp5"), ("bearer abc", "bearer abc")]
)
def test_authorization_header(given: str, header: str) -> None:
    assert Secret(given).header() == header
