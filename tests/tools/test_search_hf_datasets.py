from pathlib import Path

import pytest

from tests.tools.hub.makers import call_on, class_card, write_set
from tools.search_hf_datasets import search_hf_datasets
from tools.services import ToolError

ROWS = [{"text": f"win money now {i}", "label": i % 2} for i in range(20)]
GERMAN = [{"text": f"Das ist ein ganz normaler deutscher Satz mit der Nummer {i}", "label": i % 2}
          for i in range(20)]  # fmt: skip


def _catalogue(root: Path) -> Path:
    card = {"tags": ["spam-detection"], "license": "other", "pretty_name": "Spam messages by mail"}
    write_set(
        root, "me/spam", {"train": ROWS}, class_card("text", "label", ["ham", "spam"], **card)
    )
    german = {"language": "de", "pretty_name": "Spam messages in German"}
    write_set(root, "me/deutsch", {"train": GERMAN},
              class_card("text", "label", ["ham", "spam"], **german))  # fmt: skip
    write_set(root, "me/plain", {"train": [{"text": "only a text here"}] * 9})
    return root


def test_shows_what_a_planner_needs(tmp_path: Path) -> None:
    call = call_on(_catalogue(tmp_path / "c"), tmp_path, ["spam", "ham"],
                   instruction="Find spam messages in mail")  # fmt: skip
    text, artifact = search_hf_datasets(call, "spam messages")
    (hit,) = artifact["datasets"]
    assert hit["id"] == "me/spam@default"
    assert hit["plausible"]
    assert not hit["allowed"]
    assert 0.0 <= hit["score"] <= 1.0
    assert hit["rows"] == 20
    assert hit["columns"] == {"text": "string", "label": "class_label"}
    assert "--allow-license other" in text
    assert "win money now" in text
    assert "labels of label (2): ham, spam" in text
    assert "'Spam messages by mail'" in text


def test_the_language_of_the_texts_decides(tmp_path: Path) -> None:
    call = call_on(_catalogue(tmp_path / "c"), tmp_path, ["spam", "ham"])
    _, artifact = search_hf_datasets(call, "spam", language="de-AT")
    assert [hit["repo_id"] for hit in artifact["datasets"]] == ["me/deutsch"]


def test_other_labels_are_not_plausible(tmp_path: Path) -> None:
    call = call_on(_catalogue(tmp_path / "c"), tmp_path, ["late", "lost", "broken"],
                   instruction="Find spam messages in mail")  # fmt: skip
    text, artifact = search_hf_datasets(call, "spam messages")
    assert not any(hit["plausible"] for hit in artifact["datasets"])
    assert "Nothing fits" in text


@pytest.mark.parametrize(("language", "message"), [("fr", "none of 3"), ("xx!", "no language tag")])
def test_nothing_to_show_is_an_error_with_advice(
    tmp_path: Path, language: str, message: str
) -> None:
    call = call_on(_catalogue(tmp_path / "c"), tmp_path)
    with pytest.raises(ToolError, match=message):
        search_hf_datasets(call, "spam", language=language)


def test_of_configs_that_differ_in_size_the_largest_comes_first(tmp_path: Path) -> None:
    configs = [
        {"config_name": name, "data_files": f"data/{name}.jsonl"} for name in ("a_small", "b_full")
    ]
    rows = [{"text": f"win money now {i}", "kind": "ham" if i % 2 else "spam"} for i in range(60)]
    write_set(tmp_path / "c", "me/spam", {"a_small": rows[:20], "b_full": rows},
              {"configs": configs})  # fmt: skip
    _, artifact = search_hf_datasets(call_on(tmp_path / "c", tmp_path, ["spam", "ham"]), "spam")
    assert [hit["config"] for hit in artifact["datasets"]] == ["b_full", "a_small"]
