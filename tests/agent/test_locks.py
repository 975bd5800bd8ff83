import threading
from pathlib import Path

from agent.locks import acquire, held


def test_one_holds_the_lock_and_looking_does_not_take_it(tmp_path: Path) -> None:
    assert not held(tmp_path)
    hold = acquire(tmp_path)
    assert hold
    assert held(tmp_path)
    assert acquire(tmp_path) is None
    hold.release()
    hold.release()
    assert not held(tmp_path)


def test_the_lock_is_given_back_only_when_nothing_is_to_be_done(tmp_path: Path) -> None:
    hold = acquire(tmp_path)
    assert hold
    assert not hold.release_if(lambda: False)
    assert held(tmp_path)
    assert hold.release_if(lambda: True)
    assert not held(tmp_path)


def test_whoever_looks_is_never_in_the_way_of_whoever_takes_it(tmp_path: Path) -> None:
    ended = threading.Event()

    def look() -> None:
        while not ended.is_set():
            held(tmp_path)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for _ in range(300):
            hold = acquire(tmp_path)
            assert hold
            hold.release()
    finally:
        ended.set()
        looking.join()
