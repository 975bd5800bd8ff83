import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import pytest

from tools.llm.failures import Failure
from tools.llm.pace import Pace
from tools.services import EndpointError

BUSY = Failure("busy", "slow down")


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)


def test_one_more_per_window_and_half_per_round_trip() -> None:
    async def work() -> None:
        pace = Pace(16, 64, patience_s=45)
        async with pace.slot(0) as first, pace.slot(0) as second:
            for _ in range(16):
                pace.succeeded()
            assert 16.9 < pace.limit < 17
            pace.failed(first, BUSY, 1)
            pace.failed(second, BUSY, 1)
            assert 8.4 < pace.limit < 8.5
        async with pace.slot(0) as third:
            pace.failed(third, BUSY, 1)
            assert 4.2 < pace.limit < 4.25
        for _ in range(10_000):
            pace.succeeded()
        assert pace.limit == 64

    run(work())


def test_turns_go_to_those_in_front_and_survive_cancelling() -> None:
    async def work() -> None:
        pace, turns = Pace(1, 1, patience_s=45), []

        async def one(order: int) -> None:
            async with pace.slot(order):
                turns.append(order)
                await asyncio.sleep(0.001)

        tasks = [asyncio.create_task(one(order)) for order in (0, 5, 3, 4, 1, 2)]
        await asyncio.sleep(0)
        tasks[2].cancel()
        tasks[0].cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await asyncio.wait(tasks)
        assert turns == [0, 1, 2, 4, 5]

    run(work())


def test_an_open_breaker_probes_one_by_one() -> None:
    async def work() -> None:
        pace, at_once, most = Pace(16, 16, patience_s=0.6), 0, 0

        async def one(order: int) -> None:
            nonlocal at_once, most
            for tries in range(1, 100):
                async with pace.slot(order) as began:
                    at_once += 1
                    most = max(most, at_once)
                    await asyncio.sleep(0.002)
                    at_once -= 1
                    delay_s = pace.failed(began, BUSY, tries)
                await pace.rest(delay_s)

        tasks = [asyncio.create_task(one(order)) for order in range(16)]
        await asyncio.sleep(0.1)
        most = 0
        done, _ = await asyncio.wait(tasks)
        assert most <= 1
        for task in done:
            assert isinstance(task.exception(), EndpointError)
        pace.revive()
        async with pace.slot(0):
            pass

    run(work())


def test_a_verdict_turns_all_away() -> None:
    async def work() -> None:
        pace = Pace(1, 1, patience_s=45)
        pace.give_up("the key was refused")
        with pytest.raises(EndpointError, match="key was refused"):
            async with pace.slot(0):
                pass
        await asyncio.wait_for(pace.rest(60), 1)

    run(work())
