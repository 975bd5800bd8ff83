import json
from pathlib import Path

import pytest
from huggingface_hub import HfApi, hf_hub_download

from tests.hubsite.content import big_safetensors
from tests.hubsite.site import Site

CARD = b"""---
license: apache-2.0
language: [en, de]
base_model: big/base
datasets: [PolyAI/banking77]
tags: [intent]
---
# Small

See https://arxiv.org/abs/1810.04805.
"""
CONFIG = {"architectures": ["BertForSequenceClassification"], "model_type": "bert", "dim": 3}


def test_a_model_is_what_its_files_say(hub_site: Site) -> None:
    files = {"README.md": CARD, "config.json": json.dumps(CONFIG).encode()}
    weights = {"model.safetensors": big_safetensors(110_000_000)}
    hub_site.add_repo("model", "me/small", {**files, **weights})
    info = HfApi().model_info("me/small")
    assert info.safetensors is not None
    assert info.safetensors.parameters == {"F32": 110_000_000}
    assert info.safetensors.total == 110_000_000
    assert (info.pipeline_tag, info.library_name) == ("text-classification", "transformers")
    assert info.config is not None
    assert info.config["model_type"] == "bert"
    assert info.tags == [
        "transformers", "safetensors", "bert", "text-classification", "intent", "en", "de",
        "dataset:PolyAI/banking77", "base_model:big/base", "base_model:finetune:big/base",
        "license:apache-2.0", "arxiv:1810.04805", "region:us",
    ]  # fmt: skip
    metadata = HfApi().get_safetensors_metadata("me/small")
    assert metadata.parameter_count == {"F32": 110_000_000}
    assert hub_site.requests.bytes_of("/cdn/") < 1_000_000


def test_models_are_found_by_task_and_size(hub_site: Site) -> None:
    for name, parameters in (("tiny", 10**6), ("large", 7 * 10**9)):
        weights = big_safetensors(parameters, "BF16")
        card = b"---\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\n"
        hub_site.add_repo("model", f"me/{name}", {"README.md": card, "a.safetensors": weights})
    hub_site.add_repo("model", "me/other", {"README.md": b"# no card\n"})
    api = HfApi()

    def found(**wanted: str) -> set[str]:
        return {info.id for info in api.list_models(**wanted)}  # type: ignore[arg-type]

    assert found(pipeline_tag="fill-mask") == {"me/tiny", "me/large"}
    assert found(num_parameters="min:1M,max:1B") == {"me/tiny"}
    assert found(num_parameters="min:6B", filter="safetensors") == {"me/large"}
    assert found(search="me oth") == {"me/other"}
    (info,) = api.list_models(search="tiny", expand=["safetensors"])
    assert info.safetensors is not None
    assert info.safetensors.total == 10**6


def test_a_real_model_is_served_from_its_folder(
    hub_site: Site, shared: Path, tmp_path: Path
) -> None:
    (tmp_path / "karpathy").mkdir()
    (tmp_path / "karpathy" / "stories260K").symlink_to(shared / "models" / "stories260K")
    hub_site.add_models(tmp_path)
    info = HfApi().model_info("karpathy/stories260K")
    assert info.safetensors is not None
    assert info.safetensors.total == 260_032
    assert info.pipeline_tag == "text-generation"
    path = Path(hf_hub_download("karpathy/stories260K", "model.safetensors"))
    assert path.stat().st_size == (shared / "models/stories260K/model.safetensors").stat().st_size
    with pytest.raises(KeyError):
        hub_site.repo("dataset", "karpathy/stories260K")


def test_a_model_is_found_under_its_former_name(hub_site: Site) -> None:
    repo = hub_site.add_repo("model", "lab/old", {"config.json": b"{}"})
    hub_site.moved["model", "old"] = "lab/old"
    assert HfApi().model_info("old", files_metadata=True).id == "lab/old"
    assert HfApi().model_info("old", revision=repo.sha).sha == repo.sha
    assert Path(hf_hub_download("old", "config.json")).read_bytes() == b"{}"
