"""Worker processes that end with the process that started them."""

import os
import threading
import time

WATCH_S = 0.5


def end_with_parent(parent: int) -> None:
    """Initializer for a pool's workers: end this process once ``parent`` is gone.

    A worker whose parent was killed would wait for work for ever, and a forked one holds the parent's locks meanwhile.
    """
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)
