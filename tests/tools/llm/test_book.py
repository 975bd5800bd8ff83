import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from tools.llm.book import Book, request_key
from tools.llm.endpoint import Endpoint
from tools.services import BudgetError, CallBook, EndpointError, ToolError
from tools.teaching import Usage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "book.sqlite"


def test_an_answer_is_paid_once_and_found_again(path: Path) -> None:
    book = Book(path, 1.0)
    assert isinstance(book, CallBook)
    assert book.cached("k") is None
    row = book.reserve("k", "call-1", "teacher", "m", 0.5)
    assert book.cached("k") is None
    book.settle(row, "text", 0.1, 10, 5)
    assert book.cached("k") == "text"
    assert book.cached("k", "call-2") == "text"
    assert book.usage("call-1") == Usage(1, 1, 10, 5, 0.1)
    assert book.usage("call-2") == Usage(0, 1, 0, 0, 0.0)
    assert book.usage() == Usage(1, 2, 10, 5, 0.1)
    assert book.usage("none") == Usage()
    book.close()


def test_what_did_not_work_is_never_found_again(path: Path) -> None:
    book = Book(path, 1.0)
    book.settle(book.reserve("k", "c", "teacher", "m", 0.5), None, 0.2, 10, 5)
    book.release(book.reserve("k", "c", "judge", "m", 0.5))
    book.lose(book.reserve("k", "c", "planner", "m", 0.5))
    assert book.cached("k") is None
    assert book.usage() == Usage(2, 0, 10, 5, 0.7)
    assert book.by_role() == {
        "judge": Usage(),
        "planner": Usage(1, usd=0.5),
        "teacher": Usage(1, 0, 10, 5, 0.2),
    }
    with pytest.raises(BudgetError, match="of 1 USD"):
        book.reserve("k", "c", "teacher", "m", 0.31)
    book.close()


def test_unknown_prices_are_not_capped_but_said(path: Path) -> None:
    book = Book(path, 0.0)
    row = book.reserve("k", "c", "teacher", "m", None)
    book.settle(row, "text", None, 10, 5)
    assert book.usage("c").usd is None
    assert book.usage().usd is None
    assert book.usage("other").usd == 0.0
    book.close()


def test_reservations_of_many_threads_never_exceed_the_cap(path: Path) -> None:
    book, done = Book(path, 1.0), []

    def work() -> None:
        for _ in range(20):
            try:
                row = book.reserve("k", "c", "teacher", "m", 0.03)
            except BudgetError:
                return
            assert (book.usage().usd or 0) <= 1.0
            book.settle(row, "text", 0.02, 1, 1)
            done.append(row)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0.95 < (book.usage().usd or 0) <= 1.0
    assert len(done) == len(set(done)) == book.usage().calls
    book.close()


def test_a_killed_process_leaves_what_it_may_owe(path: Path) -> None:
    code = f"""
        import time
        from pathlib import Path
        from tools.llm.book import Book
        book = Book(Path({str(path)!r}), 1.0)
        book.settle(book.reserve("a", "c", "teacher", "m", 0.5), "text", 0.1, 1, 1)
        book.reserve("b", "c", "teacher", "m", 0.6)
        print("sent", flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sent\n"
        os.kill(process.pid, signal.SIGKILL)
    book = Book(path, 1.0)
    assert book.usage("c") == Usage(2, 0, 1, 1, 0.7)
    assert book.cached("a") == "text"
    assert book.cached("b") is None
    with pytest.raises(BudgetError):
        book.reserve("b", "c", "teacher", "m", 0.31)
    book.close()


def test_another_file_is_named(path: Path) -> None:
    path.write_text("Dear diary, this is no database, but long enough to be looked at." * 20)
    with pytest.raises(ToolError, match=r"book\.sqlite"):
        Book(path, 1.0)


def test_a_key_tells_requests_apart() -> None:
    here, there = Endpoint("m", "http://a/v1", "k"), Endpoint("m", "http://b/v1", "k")
    keys = {
        request_key(here, {"x": 1}),
        request_key(there, {"x": 1}),
        request_key(here, {"x": 2}),
        request_key(here, {"x": 1}, "salt"),
    }
    assert len(keys) == 4
    assert request_key(here, {"x": 1, "y": 2}) == request_key(here, {"y": 2, "x": 1})


def test_a_file_that_fails_while_in_use_is_named(path: Path) -> None:
    book = Book(path, 1.0)
    row = book.reserve("k", "c", "teacher", "m", 0.5)
    with sqlite3.connect(path) as other:
        other.execute("DROP TABLE requests")
    for use in (
        lambda: book.cached("k"),
        lambda: book.reserve("k", "c", "teacher", "m", 0.1),
        lambda: book.release(row),
        book.usage,
        book.by_role,
    ):
        with pytest.raises(EndpointError, match=r"book\.sqlite cannot be used: no such table"):
            use()
    book.close()
    other.close()


def test_what_came_later_is_inherited_for_nothing(path: Path) -> None:
    book = Book(path, 1.0)
    book.settle(book.reserve("early", "c", "teacher", "m", 0.5), "one", 0.1, 10, 5)
    position = book.position()
    book.settle(book.reserve("late", "c", "teacher", "m", 0.5), "two", 0.2, 20, 5)
    book.settle(book.reserve("broken", "c", "teacher", "m", 0.5), None, 0.2, 20, 5)
    book.lose(book.reserve("lost", "c", "teacher", "m", None))
    assert book.cached("early", "c") == "one"
    book.inherit(position)
    assert book.usage() == Usage(1, 0, 10, 5, 0.1)
    assert book.cached("late", "d") == "two"
    assert book.usage("d") == Usage(0, 1, 0, 0, 0.0)
    assert book.cached("broken") is None
    book.reserve("more", "d", "teacher", "m", 0.9)
    book.close()
