"""Servers that end with the process that started them."""

import os
import stat
import sys
import time


def wait_for_parent() -> None:
    """Wait for the end of stdin if it is a pipe: /dev/null, as of a background job, is no end."""
    if not stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        while True:
            time.sleep(3600)
    while os.read(sys.stdin.fileno(), 4096):
        pass
