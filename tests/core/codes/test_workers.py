"""Workers do not outlive the process that started them: they would hold its lock."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tracelib.store.counter_guard import hold_guard

PROGRAM = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tracelib.codes.workers import end_with_parent
from tracelib.store.counter_guard import hold_guard
with hold_guard(Path(sys.argv[1]), workspace="W1", machine="M1"):
    with ProcessPoolExecutor(2, initializer=end_with_parent, initargs=(os.getpid(),)) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_lock_is_free_soon_after_a_process_with_workers_was_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        process.kill()
        process.wait()
        with hold_guard(tmp_path, workspace="W1", machine="M1", timeout_s=10):
            pass
        for _ in range(100):
            try:
                os.kill(worker, 0)
            except ProcessLookupError:
                return
            time.sleep(0.05)
        os.kill(worker, signal.SIGKILL)
        pytest.fail("the worker lives on")
