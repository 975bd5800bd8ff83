from typing import Any, cast

from graph.standing import MOST_BASES, _bases
from graph.state import State


def candidate(method: str, base: str, megabytes: int) -> dict[str, Any]:
    return {"method": method, "base": base, "parameters": 1, "download_mb": megabytes, "why": ""}


def test_what_needs_no_download_is_shown_with_the_best() -> None:
    far = [candidate("probe", f"far{i}", 400) for i in range(8)]
    here = candidate("probe", "bundled", 0)
    bases = [*far[:2], candidate("classifier", "bundled", 0), *far[2:], here]
    shown = _bases(cast(State, {"bases": bases, "failed_bases": ["far0"]}))
    assert [base["base"] for base in shown[:MOST_BASES]][:2] == ["far1", "bundled"]
    assert (shown[-1]["method"], shown[-1]["base"]) == ("probe", "bundled")
    assert len(shown) == MOST_BASES + 1
    assert _bases(cast(State, {})) == []
