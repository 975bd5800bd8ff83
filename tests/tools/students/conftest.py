from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import InlineExecutor, LetterEncoder, SilentTeacher
from tools.examples import ExampleStore
from tools.services import Services
from tools.students import METHODS


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Services with the methods built in and nothing else of weight."""
    store = ExampleStore(tmp_path / "data.sqlite")
    yield Services(
        store=store, workspace=tmp_path, shared_cache=tmp_path / "cache", sources=(),
        teacher=SilentTeacher(), encoder=LetterEncoder(), executor=InlineExecutor(),
        methods=METHODS, metrics={},
    )  # fmt: skip
    store.close()
