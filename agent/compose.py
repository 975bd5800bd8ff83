"""Put the services of a run together: the only place that knows every implementation."""

import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from agent.cast import assemble, check_models
from agent.errors import UserError
from agent.models import settle_models
from agent.settings import Settings
from tools.examples import ExampleStore
from tools.hub.access import DEFAULT_ENDPOINT, endpoint
from tools.services import Encoder, Executor, Metric, Services, ToolError, silent
from tools.sources import DataSource
from tools.talking import Control
from tools.teaching import Teacher

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


HUB = "hub"
"""The name under which the Hugging Face Hub stands among the folders of data sets."""


@dataclass(frozen=True)
class Parts:
    """Own parts for a run; what is left out is as the settings say.

    Attributes:
        sources: Searched in addition to the catalogues of the settings.
        methods: Student methods by name, as `module:Class`, in addition to the built-in ones.
        metrics: Metrics by name, in addition to the built-in ones.
    """

    sources: Sequence[DataSource] = ()
    teacher: Teacher | None = None
    encoder: Encoder | None = None
    executor: Executor | None = None
    methods: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, Metric] = field(default_factory=dict)


@contextmanager
def services_for(
    folder: Path,
    settings: Settings,
    parts: Parts,
    control: Control | None = None,
    *,
    offline: bool,
) -> Iterator[tuple[Services, "BaseChatModel"]]:
    """Build the services and the planner of the run in `folder`, and close them afterwards.

    Args:
        folder: The run directory.
        settings: Those of the run.
        parts: Own parts in place of, or beside, the built-in ones.
        control: Where a person asks the run to stop; None where nobody can.
        offline: Whether the Hub is out of reach.

    Raises:
        UserError: A catalogue folder does not exist, there is no encoder, or an LLM cannot be used.
    """
    from tools.scoring.metrics import METRICS
    from tools.students import METHODS
    from tools.talk.rules import RulesListener

    # What it has to say of busy servers, the run says in its own words.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    with ExitStack() as stack:
        if offline:
            stack.enter_context(_offline())
        executor, stops = _executor(folder, parts, stack, offline=offline)
        store = ExampleStore(folder / "data.sqlite")
        stack.callback(store.close)
        metrics = {**METRICS, **parts.metrics}
        cast = assemble(folder, settings, metrics.keys(), stack)
        stack.enter_context(_interrupting([*stops, *cast.stops]))
        encoder = parts.encoder or _encoder(executor, settings)
        hub = _hub(encoder, folder, settings, offline=offline)
        services = Services(
            store=store,
            workspace=folder,
            shared_cache=settings.cache,
            sources=(*catalogues(settings), *parts.sources, *hub),
            teacher=parts.teacher or cast.teacher,
            encoder=encoder,
            executor=executor,
            methods={**METHODS, **parts.methods},
            metrics=metrics,
            reader=cast.reader,
            book=cast.book,
            judge=cast.judge,
            prompted=cast.prompted,
            grader=cast.judge if settings.judge_test else None,
            seed=settings.seed,
            allowed_licences=frozenset(settings.allow_license),
            report_to=settings.report_to,
            progress=silent,
            control=control,
            listener=cast.listener or RulesListener(),
        )
        yield services, cast.planner


def _executor(
    folder: Path, parts: Parts, stack: ExitStack, *, offline: bool
) -> tuple[Executor, list[Callable[[], None]]]:
    """Return who does the heavy work, and what ends it at once; `stack` closes one of ours."""
    from tools.students.executor import LocalExecutor

    if parts.executor:
        return parts.executor, []
    local = stack.enter_context(LocalExecutor(folder / "worker.log", offline=offline))
    return local, [local.interrupt]


@contextmanager
def _interrupting(stops: Sequence[Callable[[], None]]) -> Iterator[None]:
    """Have Ctrl-C stop a job and calls to LLMs too: the step under way would else be waited for."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    threads: list[threading.Thread] = []

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        # In threads of their own, since the main one may hold the very locks that they need.
        for stop in stops:
            threads.append(threading.Thread(target=stop, daemon=True))
            threads[-1].start()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        for thread in threads:
            thread.join()


@contextmanager
def _offline() -> Iterator[None]:
    """Keep the libraries of the Hub from trying, for a while."""
    before = os.environ.get("HF_HUB_OFFLINE")
    os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["HF_HUB_OFFLINE"]
        else:
            os.environ["HF_HUB_OFFLINE"] = before


def check(settings: Settings) -> tuple[Settings, tuple[str, ...]]:
    """Find out before a run begins whether it can.

    Returns:
        The settings with absolute paths and every role decided, and notes for the user.

    Raises:
        UserError: A catalogue is missing, the cache cannot be written, a model has no endpoint, the
            price list is broken, or what training should report to is not installed.
    """
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot write to the cache {settings.cache} ({error.strerror}); set TASKSMITH_CACHE"
        ) from None
    catalogues(settings)
    if settings.report_to != "none" and find_spec(settings.report_to) is None:
        raise UserError("trackio is not installed: pip install 'tasksmith[curves]'")
    settings, notes = settle_models(settings)
    notes += check_models(settings)
    folders = tuple(
        name if name == HUB else str(Path(name).resolve()) for name in settings.datasets
    )
    prices = settings.prices and settings.prices.resolve()
    absolute = {"cache": settings.cache.resolve(), "datasets": folders, "prices": prices}
    return settings.model_copy(update=absolute), notes


def _hub(
    encoder: Encoder, folder: Path, settings: Settings, *, offline: bool
) -> tuple[DataSource, ...]:
    """Return the Hub as a source where the settings ask for it."""
    from huggingface_hub import constants

    from tools.hub.hub_source import HubSource

    if HUB not in settings.datasets:
        return ()
    official = endpoint() == DEFAULT_ENDPOINT
    viewer = settings.viewer_url or (constants.DATASETS_SERVER_ENDPOINT if official else None)
    return (HubSource(encoder, settings.cache, folder, viewer, offline=offline),)


def _encoder(executor: Executor, settings: Settings) -> Encoder:
    from tools.students.embeddings import CachedEncoder

    try:
        return CachedEncoder(executor, settings.cache, settings.encoder or "")
    except ToolError as error:
        raise UserError(str(error)) from None


def catalogues(settings: Settings) -> list[DataSource]:
    """Return the local catalogues of the settings.

    Raises:
        UserError: A folder does not exist.
    """
    from tools.hub.catalogue import LocalCatalogue

    found: list[DataSource] = []
    for name in settings.datasets:
        if name == HUB:
            continue
        folder = Path(name)
        if not folder.is_dir():
            raise UserError(f"no data sets at {name!r}: the folder does not exist")
        found.append(LocalCatalogue(folder, settings.cache, _warn))
    return found


def _warn(message: str) -> None:
    logging.getLogger("tasksmith").warning(message)
