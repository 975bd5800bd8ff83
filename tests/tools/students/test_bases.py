import errno
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.hubsite.site import Site
from tests.tools.students.hub_models import add_model, files_of
from tests.tools.students.material import material, tiny_bert
from tools.examples import Example
from tools.hub import access
from tools.services import Services, ToolError, UnfitBaseError, silent
from tools.students import METHODS, bases, client, hub_model, on_disk
from tools.students.base import Base
from tools.students.loading import load_student
from tools.students.machine import Machine, check_room, look
from tools.students.pins import settled
from tools.students.table import curated, pickled
from tools.task import TaskSpec

SPEC = TaskSpec(instruction="sort bank questions", language="en")
FIXED = {"features": "encoder", "C": 10.0}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_bert(tmp_path_factory.mktemp("model"))


def examples(rows: int) -> list[Example]:
    pairs = zip(*material(rows), strict=True)
    return [
        Example(text, label, "train", "user", "mit", "gold", id=i)
        for i, (text, label) in enumerate(pairs, 1)
    ]


def test_a_run_keeps_to_the_commit_that_it_began_with(
    hub_site: Site, model: Path, services: Services
) -> None:
    repo = add_model(hub_site, "lab/tiny", model)
    begun = repo.sha
    first = client.train(services, SPEC, examples(30), "probe", "lab/tiny", FIXED)
    assert (first.base, first.reference) == ("lab/tiny", f"lab/tiny@{begun}")
    hub_site.change(repo, {"README.md": b"---\nlicense: mit\n---\nAnother text.\n"})
    assert bases.find("lab/tiny").version == repo.sha != begun
    asked = len(hub_site.requests)
    second = client.train(services, SPEC, examples(31), "probe", "lab/tiny", FIXED)
    assert second.reference == first.reference
    assert len(hub_site.requests) == asked
    client.cross_validate(services, second.student, examples(31), set(range(1, 32)))
    folder = client.folder_of(services, first.student)
    assert json.loads((folder / "base.json").read_text()) == {"base": first.reference}
    texts = ["pin card", "send iban"]
    assert [p.output for p in load_student(folder).predict(texts)] == ["card", "transfer"]


def test_a_classifier_starts_from_a_model_of_the_hub(
    hub_site: Site, model: Path, services: Services
) -> None:
    add_model(hub_site, "lab/tiny", model)
    trained = client.train(services, SPEC, examples(30), "classifier", "lab/tiny", {"epochs": 1})
    assert trained.parameters > 0
    assert trained.reference.startswith("lab/tiny@")


def test_only_what_a_model_needs_is_downloaded(hub_site: Site, model: Path) -> None:
    extra = {"pytorch_model.bin": b"pickle", "onnx/model.onnx": b"x", "run.py": b"print()"}
    hub_site.add_repo("model", "lab/tiny", files_of(model) | extra)
    heard: list[str] = []
    folder = hub_model.fetch(bases.find("lab/tiny"), heard.append)
    assert heard[0].startswith("downloading lab/tiny, ")
    assert {path.name for path in folder.rglob("*")} == {
        "README.md", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lab/absent", "no base 'lab/absent' on the Hub, or it is private"),
        ("lab/private", "no base 'lab/private' on the Hub, or it is private"),
        ("lab/gated", r"lab/gated is gated: accept its terms at http.*/lab/gated and set HF_TOKEN"),
        ("lab/pickle", "lab/pickle has no safetensors, and pickled weights are never loaded"),
        ("lab/code", "lab/code needs remote code, which is never run"),
        ("lab/adapter", "lab/adapter is an adapter"),
        ("lab/gguf", "lab/gguf has quantised weights"),
        ("lab/old@" + "0" * 40, "lab/old no longer has the commit"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_line(
    hub_site: Site, model: Path, name: str, message: str
) -> None:
    files = files_of(model)
    weights = files.pop("model.safetensors")
    hub_site.add_repo("model", "lab/pickle", files | {"pytorch_model.bin": b"pickle"})
    hub_site.add_repo(
        "model", "lab/adapter", {"adapter_config.json": b"{}", "a.safetensors": weights}
    )
    hub_site.add_repo("model", "lab/gguf", {"config.json": b"{}", "model-q4.gguf": b"GGUF"})
    hub_site.add_repo("model", "lab/private", files_of(model), private=True)
    add_model(hub_site, "lab/gated", model, gated="manual")
    add_model(hub_site, "lab/code", model, tags=["custom_code"])
    add_model(hub_site, "lab/old", model)
    with pytest.raises(UnfitBaseError, match=message) as caught:
        bases.find(name)
    assert "\n" not in str(caught.value)


def test_code_that_only_the_configuration_names_is_found_once_it_is_here(
    hub_site: Site, model: Path
) -> None:
    add_model(hub_site, "lab/sly", model, config={"auto_map": {"AutoModel": "run.Model"}})
    with pytest.raises(ToolError, match="lab/sly needs remote code"):
        hub_model.fetch(bases.find("lab/sly"), silent)


def test_a_token_opens_what_is_gated(
    hub_site: Site, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(hub_site, "lab/gated", model, gated="manual")
    token = hub_site.access.new_token()
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(ToolError, match="gated"):
        bases.find("lab/gated")
    hub_site.grant(token, "lab/gated")
    assert hub_model.fetch(bases.find("lab/gated"), silent).is_dir()


def test_a_licence_has_to_be_allowed_by_name(
    hub_site: Site, model: Path, services: Services
) -> None:
    add_model(hub_site, "lab/gem", model, license="gemma")
    with pytest.raises(
        UnfitBaseError, match="licence 'gemma'; allow it with --allow-license gemma"
    ):
        settled(services, "lab/gem")
    allowed = replace(services, allowed_licences=frozenset({"gemma"}))
    assert settled(allowed, "lab/gem").licence == "gemma"


def test_what_is_cached_serves_without_the_hub(
    hub_site: Site, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(hub_site, "lab/tiny", model)
    hub_site.add_repo("model", "lab/other", files_of(model))
    found = bases.find("lab/tiny")
    folder = hub_model.fetch(found, silent)
    monkeypatch.setattr(hub_model, "_SECONDS", 0.3)
    hub_site.faults.add("503")
    assert bases.find("lab/tiny").version == found.version
    with pytest.raises(ToolError, match="lab/other cannot be had: the Hub answered 503"):
        bases.find("lab/other")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    here = bases.find("lab/tiny")
    assert here.version == found.version
    assert (here.licence, here.languages, here.kind) == ("mit", ("en",), "encoder")
    assert hub_model.fetch(here, silent) == folder
    assert "lab/tiny" in [base.name for base in bases.available()]
    with pytest.raises(ToolError, match="no base 'lab/other'; available"):
        bases.find("lab/other")
    (folder / "model.safetensors").unlink()
    assert on_disk.cached("lab/tiny") is None


def test_of_a_base_of_the_table_the_card_says_the_licence_here_as_there(
    hub_site: Site, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = on_disk.BUNDLED_ON_HUB
    repo = add_model(hub_site, name, model, license="cc-by-nc-4.0")
    there = hub_model.look_up(name)
    hub_model.fetch(there, silent)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    here = on_disk.cached(name, repo.sha)
    assert here == there
    assert here.licence == "cc-by-nc-4.0"
    (known,) = (base for base in curated() if base.name == name)
    assert (here.languages, here.body) == (known.languages, known.body)


@pytest.mark.parametrize(
    "name",
    [
        "../x", "a/b/c", "/etc/passwd", "~/x", "a/../b", ".hidden/x", "a/b@main", "a--b/c",
        ".hidden", "~x", "x/", "a b", "probe", "classifier",
    ],
)  # fmt: skip
def test_names_that_are_none_never_reach_the_hub(hub_site: Site, name: str) -> None:
    with pytest.raises(ToolError, match="there is no base"):
        bases.find(name)
    assert not hub_site.requests


def test_what_does_not_fit_is_refused_before_it_is_downloaded(hub_site: Site) -> None:
    giant = Base("lab/giant", "lab/giant", 10**13, ("en",), "mit", version="0" * 40)
    with pytest.raises(
        UnfitBaseError, match="too large for this machine: classifier would take about"
    ):
        check_room(METHODS["classifier"], giant)
    with pytest.raises(ToolError, match=r"needs 40,000,000 MB, and .* free; make room"):
        hub_model.fetch(giant, silent)
    assert not hub_site.requests


def test_a_model_from_before_there_were_owners_goes_by_its_present_name(
    hub_site: Site, model: Path, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = add_model(hub_site, "lab/tiny", model)
    hub_site.moved["model", "tiny"] = "lab/tiny"
    found = settled(services, "tiny")
    assert (found.name, found.version) == ("lab/tiny", repo.sha)
    assert hub_model.fetch(found, silent).is_dir()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert settled(services, "tiny").reference == found.reference
    with pytest.raises(UnfitBaseError, match="no base 'tin'; available"):
        bases.find("tin")


def test_a_token_that_the_hub_does_not_know_is_named(
    hub_site: Site, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(hub_site, "lab/tiny", model)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    with pytest.raises(UnfitBaseError, match="does not accept the token .*HF_TOKEN") as caught:
        bases.find("lab/tiny")
    assert "hf_wrong" not in str(caught.value)
    with pytest.raises(ToolError, match="does not accept the token .*HF_TOKEN"):
        access.list_repos("datasets", {}, 5)


def test_a_silent_hub_is_given_up_once_the_time_is_over(
    hub_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_model, "_SECONDS", 0.3)
    hub_site.faults.add("hang", "/api/models", value=5.0)
    with pytest.raises(UnfitBaseError, match="the Hub does not answer"):
        bases.find("lab/tiny")
    assert len(hub_site.requests) == 1


def test_half_a_download_is_none(
    hub_site: Site, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_model(hub_site, "lab/tiny", model)
    found = bases.find("lab/tiny")
    (hub_model.fetch(found, silent) / "tokenizer.json").unlink()
    assert not bases.downloaded(found)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "lab/tiny" not in [base.name for base in bases.available()]
    with pytest.raises(UnfitBaseError, match="lab/tiny has been downloaded only in part; use it"):
        bases.find("lab/tiny")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    assert (hub_model.fetch(found, silent) / "tokenizer.json").is_file()
    assert bases.downloaded(found)


def test_what_another_program_fetched_needs_its_tokenizer(hub_site: Site, model: Path) -> None:
    assert not hub_site.requests
    snapshot = on_disk.hub_cache() / "models--lab--other" / "snapshots" / ("0" * 40)
    shutil.copytree(model, snapshot)
    assert on_disk.cached("lab/other")
    (snapshot / "tokenizer.json").unlink()
    assert on_disk.cached("lab/other") is None
    snapshot.parents[1].rename(on_disk.hub_cache() / "models--lab--oth--er")
    assert [base.name for base in on_disk.all_cached()] == []


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        ({"model_type": "t5", "architectures": ["T5ForConditionalGeneration"]}, "seq2seq"),
        ({"model_type": "marian", "architectures": ["MarianMTModel"]}, "seq2seq"),
        ({"is_encoder_decoder": True, "architectures": ["NewForConditionalGeneration"]}, "seq2seq"),
        (
            {"model_type": "qwen2_vl", "architectures": ["Qwen2VLForConditionalGeneration"]},
            "causal",
        ),
        ({"model_type": "gemma3", "architectures": ["Gemma3ForConditionalGeneration"]}, "causal"),
        ({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, "causal"),
        ({"model_type": "bert", "architectures": ["BertForMaskedLM"]}, "encoder"),
        ({}, "encoder"),
    ],
)
def test_the_kind_follows_from_the_halves_of_a_model(config: dict[str, Any], kind: str) -> None:
    assert on_disk.kind_of(config) == kind


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"license": ["gemma", "mit"]}, "gemma AND mit"),
        ({"license": {"a": 1}}, "unknown"),
        ({"license": "other", "license_name": "Lab-Terms"}, "licenseref-lab-terms"),
        ({"language": [1, None, "zz-!"]}, "mit"),
    ],
)
def test_odd_cards_are_read(
    hub_site: Site, model: Path, card: dict[str, Any], licence: str
) -> None:
    add_model(hub_site, "lab/odd", model, **card)
    assert bases.find("lab/odd").licence == licence


def test_a_folder_is_described_by_its_files(shared: Path, model: Path) -> None:
    llama = bases.find(str(shared / "models" / "stories260K"))
    assert (llama.kind, llama.parameters, llama.context) == ("causal", 260_032, 512)
    bert = bases.find(str(model))
    assert (bert.kind, bert.frozen, bert.context) == ("encoder", True, 32)
    assert bert.version
    assert not bert.on_hub


def test_a_download_that_breaks_off_is_made_whole(hub_site: Site, model: Path) -> None:
    add_model(hub_site, "lab/tiny", model)
    hub_site.faults.add("cut", "GET .*/model.safetensors", first=1)
    folder = hub_model.fetch(bases.find("lab/tiny"), silent)
    stored = (folder / "model.safetensors").read_bytes()
    assert stored == (model / "model.safetensors").read_bytes()


def test_a_file_that_is_not_to_be_had_is_named_with_its_reason(hub_site: Site, model: Path) -> None:
    add_model(hub_site, "lab/tiny", model)
    found = bases.find("lab/tiny")
    hub_site.faults.add("404", "/resolve/")
    with pytest.raises(UnfitBaseError, match=r"lab/tiny cannot be had: the Hub answered 404"):
        hub_model.fetch(found, silent)


def test_a_full_disk_is_named() -> None:
    with pytest.raises(ToolError, match="is full; make room"), access.asking("lab/tiny", "base"):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_memory_is_measured_and_weighed() -> None:
    here = look()
    assert here.cores >= 1
    assert 0.1 < here.ram_gb < 100_000
    small = Machine("cpu", 2, ram_gb=16, gpu_gb=0, disk_gb=100)
    base = Base("a/b", "a/b", 1_000_000_000, ("en",), "mit")
    assert small.holds("probe", base)
    assert not small.holds("classifier", base)
    assert small.holds("classifier", replace(base, parameters=None))


def test_the_table_is_sound() -> None:
    everything = [*curated(), *pickled()]
    names = [base.name for base in everything]
    assert len(set(names)) == len(names) > 40
    for base in everything:
        assert hub_model.parse(base.name) == (base.name, "")
        assert 0 < (base.body or 0) < (base.parameters or 0)
        assert base.licence == base.licence.lower()
        assert base.languages
        assert (base.context or 0) >= 128
    kinds = {base.kind for base in curated()}
    assert kinds == {"encoder", "causal", "seq2seq"}
    assert {b.licence for b in curated() if b.gated} == {"gemma", "llama3.2"}
