from pathlib import Path

import pytest

from tests.hubsite.site import Site
from tests.tools.students.hub_models import add_model
from tests.tools.students.material import tiny_bert
from tools.hub import remembered
from tools.students import listing
from tools.students.listing import SIZES, Listed, listed


@pytest.fixture(autouse=True)
def _toys_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "SIZES", "max:5B")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("model"))


def names(found: Listed) -> list[str]:
    return [base.name for base in found.bases]


def test_only_what_can_be_loaded_is_a_candidate(
    hub_site: Site, model: Path, tmp_path: Path
) -> None:
    add_model(hub_site, "lab/liked", model, downloads=9_000, language=["de", "en"])
    add_model(hub_site, "lab/other", model, downloads=8_000, language=["de"], license="gemma")
    add_model(hub_site, "lab/code", model, language="de", tags=["custom_code"])
    add_model(hub_site, "lab/awq", model, language="de", tags=["awq"])
    add_model(hub_site, "lab/lora", model, language="de", tags=["lora"])
    add_model(hub_site, "lab/rare", model, language="de", downloads=3)
    add_model(
        hub_site, "lab/chat", model, config={"architectures": ["LlamaForCausalLM"]}, language="de"
    )
    add_model(hub_site, "lab/english", model, language="en")
    found = listed({"encoder"}, "de-AT", tmp_path)
    assert names(found) == ["lab/liked", "lab/other"]
    assert sorted(found.objections) == [
        "adapters", "of another kind", "quantised", "seldom downloaded", "with remote code",
    ]  # fmt: skip
    assert found.note == ""
    liked, other = found.bases
    assert liked.languages == ("de", "en")
    assert (liked.licence, other.licence) == ("mit", "gemma")
    assert liked.frozen
    assert liked.unproven
    assert liked.version == hub_site.repo("model", "lab/liked").sha
    assert (liked.parameters or 0) > 10_000


def test_toys_are_not_asked_for(
    hub_site: Site, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SIZES", SIZES)
    add_model(hub_site, "lab/toy", model)
    assert listed({"encoder"}, "en", tmp_path) == Listed()


def test_a_question_is_asked_once_a_day(
    hub_site: Site, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(hub_site, "lab/tiny", model)
    first = listed({"encoder"}, "en", tmp_path)
    asked = len(hub_site.requests)
    assert 0 < asked <= 3
    assert listed({"encoder"}, "en", tmp_path) == first
    assert len(hub_site.requests) == asked
    listed({"encoder"}, "de", tmp_path)
    assert len(hub_site.requests) > asked
    monkeypatch.setattr(remembered, "DAY_S", 0)
    listed({"encoder"}, "en", tmp_path)
    assert len(hub_site.requests) > asked + 2


def test_private_models_and_tokens_stay_out_of_the_cache(
    hub_site: Site, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub_site.token)
    repo = add_model(hub_site, f"{hub_site.user}/secret", model)
    repo.private = True
    assert names(listed({"encoder"}, "en", tmp_path)) == []
    stored = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert stored
    assert "secret" not in stored
    assert hub_site.token not in stored


@pytest.mark.parametrize("fault", ["hang", "500", "404"])
def test_a_hub_that_does_not_answer_costs_little_time(
    hub_site: Site, model: Path, tmp_path: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "SECONDS", 0.3)
    add_model(hub_site, "lab/tiny", model)
    hub_site.faults.add(fault, "/api/models")
    found = listed({"encoder", "causal"}, "en", tmp_path)
    assert names(found) == []
    assert found.note.startswith("the Hub's list is incomplete, since it ")
    assert not list(tmp_path.rglob("*.json"))


def test_offline_nothing_is_asked(
    hub_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert names(listed({"encoder"}, "en", tmp_path)) == []
    assert not hub_site.requests
