"""Where the Hub of the tests is: an address of their own, where nobody answers until a site does.

`claim` has to come before `huggingface_hub` or `datasets` is imported, as these read the
environment only then. It keeps the process, and every process it starts, off the real Hub.
"""

import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

HOST = "127.0.0.1"
_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_CACHE")


class Address:
    """A port that is bound and not listened at, so that connections are refused."""

    def __init__(self) -> None:
        self._socket = socket.socket()
        # So that a site may bind the same port, too; it is the one that listens.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.home = Path(tempfile.mkdtemp(prefix="hf-home-"))

    def claim(self) -> None:
        """Point the environment here, with an empty cache and no token.

        Raises:
            RuntimeError: It is too late.
        """
        if "huggingface_hub" in sys.modules:
            raise RuntimeError("huggingface_hub was imported before the tests' Hub was set")
        for name in _TOKENS:
            os.environ.pop(name, None)
        os.environ |= {
            "HF_ENDPOINT": f"http://{HOST}:{self.port}",
            "HF_HOME": str(self.home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def forget(self) -> None:
        """Empty the caches, on disk and in memory, so that a test gets nothing of another one."""
        from huggingface_hub import HfFileSystem, close_session

        for folder in self.home.iterdir():
            shutil.rmtree(folder, ignore_errors=True)
        HfFileSystem.clear_instance_cache()
        close_session()

    def release(self) -> None:
        """Give the port back and remove the caches."""
        self._socket.close()
        shutil.rmtree(self.home, ignore_errors=True)
