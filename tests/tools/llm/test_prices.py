from pathlib import Path

import pytest

from tools.llm.endpoint import Endpoint
from tools.llm.prices import Prices
from tools.services import ToolError

LOCAL = "http://127.0.0.1:8000/v1"


def test_bundled_prices_go_by_the_host() -> None:
    prices = Prices()
    known = prices.cost(Endpoint("gpt-4o-mini"), 1_000_000, 1_000_000)
    assert known == pytest.approx(0.75)
    with_cache = prices.cost(Endpoint("gpt-4o-mini"), 1_000_000, 1_000_000, 500_000)
    assert with_cache is not None
    assert with_cache < 0.75
    assert prices.cost(Endpoint("gpt-4o-mini", LOCAL), 1, 1) is None
    assert prices.cost(Endpoint("gpt-4o-mini", "https://llm.example.org/v1"), 1, 1) is None
    assert prices.cost(Endpoint("no-such-model"), 1, 1) is None


def test_a_list_of_ones_own_goes_first(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text('["my-model"]\ninput = 0.15\noutput = 0.60\n["b"]\ninput=1\noutput=2\n'
                    'cached_input=0.5\n')  # fmt: skip
    prices = Prices(path)
    assert prices.cost(Endpoint("my-model", LOCAL), 1_000_000, 1_000_000) == pytest.approx(0.75)
    assert prices.cost(Endpoint("my-model", LOCAL), 10, 0, 10) == pytest.approx(1.5e-6)
    assert prices.cost(Endpoint("b"), 1_000_000, 0, 500_000) == pytest.approx(0.75)
    assert prices.cost(Endpoint("other", LOCAL), 1, 1) is None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("input = ", "not TOML"),
        ('["m"]\ninput = 1', "'output'"),
        ('["m"]\ninput = -1\noutput = 1', "negative"),
        ('["m"]\ninput = "1"\noutput = 1', "not a number"),
        ('["m"]\ninput = true\noutput = 1', "not a number"),
        ('["m"]\ninput = nan\noutput = 1', "not a number"),
        ('["m"]\ninput = 1\noutput = 1\ncached = 1', "'cached'"),
        ("m = 1", "no table"),
    ],
)
def test_a_broken_list_is_explained(tmp_path: Path, text: str, wrong: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ToolError, match=wrong) as caught:
        Prices(path)
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match=r"none\.toml"):
        Prices(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x/v1", "http://", "x", "http://h:p", "http://["]
)
def test_an_endpoint_needs_a_url(url: str) -> None:
    with pytest.raises(ToolError, match="http://host"):
        Endpoint("m", url, "k")


def test_an_endpoint_shows_no_secrets() -> None:
    endpoint = Endpoint("m", "https://host/v1?token=abc", "sk-canary-123")
    assert repr(endpoint) == "Endpoint(model='m', url='https://host/v1')"
    assert endpoint.redacted("bad key sk-canary-123!") == "bad key [key]!"
    assert Endpoint("m", None, "EMPTY").redacted("EMPTY") == "EMPTY"
    for url, key in (
        (None, "sk-canary-123\n"),
        ("sk-canary-123", ""),
        ("https://me:canary@host/v1", ""),
    ):
        with pytest.raises(ToolError) as caught:
            Endpoint("m", url, key)
        assert "canary" not in str(caught.value)
