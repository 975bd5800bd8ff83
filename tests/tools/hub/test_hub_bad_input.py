"""What cannot be used of the Hub is refused in one line, and costs no other data set."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.hubsite.site import Site
from tests.tools.hub.at_hub import README, SPAM, card_text, source
from tools.services import ToolError

GLOB = [{"config_name": "x", "data_files": "*a*a*a*a*a*ab*c"}]
ESC = [{"config_name": "x\x1b[2J", "data_files": "train.jsonl"}]
NO_PATH = [{"config_name": "x", "data_files": [{"split": "train", "path": {"a": "b"}}]}]
JSONL = b'{"text": "a b", "label": "x"}\n'
MANY = [{"config_name": f"c{i}", "data_files": "train.jsonl"} for i in range(1000)]
BAD: dict[str, tuple[Mapping[str, bytes], str]] = {
    "script": ({"README.md": README, "bad_spam.py": b"boom"}, "loading script"),
    "pickle": ({"README.md": README, "data/train.pkl": b"\x80\x04."}, "pickled"),
    "images": ({"README.md": README, "train/cat/1.png": b"\x89PNG"}, "no table of text"),
    "nothing": ({"README.md": README}, "cannot be told"),
    "yaml": ({"README.md": b"---\na: [\n---\n", "train.jsonl": JSONL}, "card cannot be read"),
    "empty": ({"README.md": README, "train.jsonl": b""}, "cannot be read|is empty"),
    "outside": ({"README.md": card_text(configs=[{"config_name": "x", "data_files": "../*"}]),
                 "train.jsonl": JSONL}, "outside the repository"),
    "glob": ({"README.md": card_text(configs=GLOB), "a" * 80 + ".jsonl": JSONL}, "too many stars"),
    "escape": ({"README.md": card_text(configs=ESC), "train.jsonl": JSONL}, "no name for a config"),
    "no path": ({"README.md": card_text(configs=NO_PATH), "train.jsonl": JSONL}, "cannot be told"),
    "cut gzip": ({"README.md": README, "train.jsonl.gz": gzip.compress(JSONL * 99)[:40]},
                 "cannot be read"),
    "cut xz": ({"README.md": README, "train.jsonl.xz": b"\xfd7zXZ\x00 and no more"},
               "cannot be read"),
    "encoding": ({"README.md": card_text(configs=[{"config_name": "x", "data_files": "train.jsonl",
                                               "encoding": "no-such"}]), "train.jsonl": JSONL},
                 "cannot be read"),
    "many": ({"README.md": card_text(configs=MANY), "train.jsonl": JSONL}, "1,000 configs"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused_in_one_line(
    hub_site: Site, tmp_path: Path, name: str
) -> None:
    files, reason = BAD[name]
    hub_site.add_repo("dataset", "me/bad_spam", files)
    hub = source(tmp_path)
    with pytest.raises(ToolError, match=reason) as refusal:
        hub.configs("me/bad_spam")
    assert "\n" not in str(refusal.value)
    if name != "many":
        result = hub.search(SPAM)
        assert not result.infos
        assert "me/bad_spam was left out" in result.notes[0]


def test_one_of_a_thousand_configs_can_be_named(hub_site: Site, tmp_path: Path) -> None:
    hub_site.add_repo(
        "dataset", "me/many", {"README.md": card_text(configs=MANY), "train.jsonl": JSONL}
    )
    hub = source(tmp_path)
    (info,) = hub.configs("me/many", "c777")
    assert next(hub.rows(info, "train")) == {"text": "a b", "label": "x"}


def test_closed_repositories_are_named_as_such(
    hub_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"README.md": README, "train.jsonl": JSONL}
    hub_site.add_repo("dataset", "me/private_spam", files, private=True)
    hub_site.add_repo("dataset", "me/gated_spam", files, gated="manual")
    hub = source(tmp_path)
    for name, reason in (
        ("me/private_spam", "there is no data set"), ("me/gated_spam", "gated: accept its terms"),
        ("me/unheard_of", "there is no data set"), ("../../etc", "no name of"),
        ("a/b/c", "no name of"),
        ("/etc/passwd", "no name of"), ("~root", "no name of"),
    ):  # fmt: skip
        with pytest.raises(ToolError, match=reason):
            hub.configs(name)
    assert "me/gated_spam was left out: me/gated_spam is gated" in hub.search(SPAM).notes[0]
    token = hub_site.access.new_token()
    hub_site.grant(token, "me/gated_spam")
    monkeypatch.setenv("HF_TOKEN", token)
    (info,) = hub.configs("me/gated_spam")
    assert info.gated
    assert next(hub.rows(info, "train"))["label"] == "x"
    kept = "".join(p.read_text() for p in tmp_path.rglob("*.json"))
    assert token not in kept
