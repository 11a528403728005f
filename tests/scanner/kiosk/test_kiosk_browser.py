"""The operator's page in a real browser, fed by a real line with a reader at a pseudo-terminal."""

import signal
import subprocess
import time
from typing import Any

Hall = Any  # the fixtures of conftest.py
Browser = Any
LOOK = "document.body.dataset.look"
LINK = "document.body.dataset.link"


def test_a_shift_as_the_operator_sees_it(hall: Hall, browser: Browser) -> None:
    cartons, (pallet,) = hall.world.cartons(4), hall.world.pallets(1)
    hall.start()
    browser.size(1024, 600)
    browser.go(hall.url)
    browser.wait_for(f"{LINK} === 'up'")
    assert "请扫码" in browser.text()
    browser.press("a", "a")
    browser.wait_for("audio && audio.state === 'running'")
    hall.reader.scan(cartons[0])
    browser.wait_for(f"{LOOK} === 'good' && document.body.dataset.sounded === 'good'")
    assert "已激活" in browser.run("document.getElementById('word').innerText")
    hall.reader.scan(pallet)
    browser.wait_for(f"{LOOK} === 'bad' && document.body.dataset.sounded === 'bad'")
    shown = browser.text()
    for words in (
        "拒收",
        "箱数未满就扫了托盘码",
        "the pallet's code came before all its cartons",
        "先扫完缺的箱，再扫托盘。",
        "Scan the missing cartons, then the pallet again.",
    ):
        assert words in shown
    time.sleep(0.7)  # the same pallet sooner is the same reading again
    for text in (*cartons[1:3], pallet):
        hall.reader.scan(text)
    browser.wait_for(f"{LOOK} === 'packed' && document.body.dataset.sounded === 'packed'")
    assert "前拒收 refused" in browser.run("document.getElementById('before').innerText")
    hall.reader.scan(cartons[3])
    browser.wait_for("document.getElementById('fill-text').textContent === '1 / 3'")
    counts = [browser.run(f"document.getElementById('count-{name}').textContent") for name in ("done", "refused")]
    assert counts == ["4", "1"]
    assert browser.run("document.querySelectorAll('#last li').length") == 6
    assert browser.run("document.documentElement.scrollWidth") == 1024


def test_without_a_line_no_verdict_stays(hall: Hall, browser: Browser) -> None:
    """Killed, it is greyed at once; started again, the page is whole again by itself, without old sounds."""
    cartons = hall.world.cartons(2)
    hall.start()
    browser.go(hall.url)
    browser.wait_for(f"{LINK} === 'up'")
    hall.reader.scan(cartons[0])
    browser.wait_for(f"{LOOK} === 'good'")
    hall.stop(signal.SIGKILL)
    browser.wait_for(f"{LINK} === 'lost'", 5)
    word = browser.run("document.getElementById('word').innerText")
    assert "未连接" in word
    assert "已激活" not in word
    hall.start()
    browser.wait_for(f"{LINK} === 'up' && {LOOK} === 'none'")
    hall.reader.scan(cartons[1])
    browser.wait_for(f"{LOOK} === 'good'")
    assert browser.run("document.getElementById('count-done').textContent") == "2"


def test_a_line_that_hangs_is_not_taken_for_one_that_works(hall: Hall, browser: Browser) -> None:
    hall.start()
    browser.go(hall.url)
    browser.wait_for(f"{LINK} === 'up'")
    hall.reader.scan(hall.world.cartons(1)[0])
    browser.wait_for(f"{LOOK} === 'good'")
    process: subprocess.Popen[str] = hall.process
    process.send_signal(signal.SIGSTOP)
    try:
        browser.wait_for(f"{LINK} === 'lost'", 8)
    finally:
        process.send_signal(signal.SIGCONT)
    browser.wait_for(f"{LINK} === 'up'")
