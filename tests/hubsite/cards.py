"""What the Hub makes of a card and of the files beside it: tags, description, facts of a model."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import yaml

from tests.hubsite.content import Blob
from tests.hubsite.wire import Json

Blobs = Mapping[str, Blob]

TAGGED = (
    "annotations_creators", "language_creators", "language", "license", "multilinguality",
    "size_categories", "source_datasets", "task_categories", "task_ids",
)  # fmt: skip
"""Keys of a data set's card whose values are tags, with the key in front."""

FORMATS = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".csv": "csv", ".txt": "text"}
SIZES = (
    (10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"), (10**8, "10M<n<100M"), (10**9, "100M<n<1B"),
)  # fmt: skip
TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
}
AUTO = {"text-classification": "SequenceClassification", "token-classification":
    "TokenClassification", "question-answering": "QuestionAnswering", "fill-mask": "MaskedLM",
    "text-generation": "CausalLM"}  # fmt: skip
DESCRIPTION_CHARACTERS = 400


@dataclass(frozen=True)
class Card:
    """A README: its metadata, empty where they are missing or no YAML, and its text."""

    data: Json
    text: str

    def strings(self, key: str) -> list[str]:
        """Return a field that may hold nothing, one string or several; YAML reads `no` as False."""
        value = self.data.get(key)
        items = value if isinstance(value, list) else [value]
        return ["no" if item is False else str(item) for item in items if item is not None]


def read_card(blobs: Blobs) -> Card:
    """Return the card of a repository, as far as it can be read."""
    raw = blobs["README.md"].read().decode(errors="replace") if "README.md" in blobs else ""
    match = re.match(r"\s*---\r?\n(.*?)\r?\n---\s*(?:\n|$)(.*)", raw, re.DOTALL)
    if not match:
        return Card({}, raw)
    try:
        data = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError):
        data = None
    return Card(data if isinstance(data, dict) else {}, match[2])


def description(card: Card, page: str) -> str:
    """Return the start of a card's text as the Hub shows it."""
    text = " ".join(card.text.split())
    if len(text) <= DESCRIPTION_CHARACTERS:
        return text
    cut = text[:DESCRIPTION_CHARACTERS].rsplit(" ", 1)[0]
    return f"{cut}… See the full description on the dataset page: {page}."


def dataset_tags(card: Card, blobs: Blobs) -> list[str]:
    """Return the tags of a data set."""
    tags = [f"{key}:{value}" for key in TAGGED for value in card.strings(key)]
    if not card.strings("size_categories") and (rows := _declared_rows(card)):
        tags.append(f"size_categories:{size_category(rows)}")
    formats = {f for path in blobs for suffix, f in FORMATS.items() if path.endswith(suffix)}
    if formats:
        tags += [f"format:{name}" for name in sorted(formats)]
        tags += ["modality:text", "library:datasets"]
    return _unique([*tags, *_papers(card), "region:us", *card.strings("tags")])


def model_tags(card: Card, facts: Json) -> list[str]:
    """Return the tags of a model; its languages have no key in front."""
    tags = [facts["library_name"], "safetensors" if facts["safetensors"] else None]
    tags += [facts["config"].get("model_type"), facts["pipeline_tag"]]
    tags += [*card.strings("tags"), *card.strings("language")]
    tags += [f"dataset:{name}" for name in card.strings("datasets")]
    for base in card.strings("base_model"):
        relation = card.data.get("base_model_relation", "finetune")
        tags += [f"base_model:{base}", f"base_model:{relation}:{base}"]
    tags += [f"license:{name}" for name in card.strings("license")]
    return _unique([*(tag for tag in tags if tag), *_papers(card), "region:us"])


def model_facts(card: Card, blobs: Blobs) -> Json:
    """Return library, task, config and number of parameters of a model."""
    config = _json(blobs, "config.json")
    known: Json = {key: config[key] for key in ("architectures", "model_type") if key in config}
    tokenizer = _json(blobs, "tokenizer_config.json")
    if known and tokenizer:
        special = (
            "bos_token",
            "eos_token",
            "pad_token",
            "unk_token",
            "mask_token",
            "chat_template",
        )
        known["tokenizer_config"] = {key: tokenizer[key] for key in special if key in tokenizer}
    sentences = "modules.json" in blobs
    library = "sentence-transformers" if sentences else "transformers" if config else None
    task = "sentence-similarity" if sentences else _task(config)
    auto = AUTO.get(_task(config) or "", "")
    return {
        "config": known,
        "library_name": card.data.get("library_name") or library,
        "pipeline_tag": card.data.get("pipeline_tag") or task,
        "safetensors": _parameters(blobs),
        "transformersInfo": {"auto_model": f"AutoModelFor{auto}" if auto else "AutoModel"}
        if config
        else None,
    }


def size_category(rows: int) -> str:
    """Return the Hub's class of a number of rows."""
    return next((name for most, name in SIZES if rows < most), "n>1B")


def _declared_rows(card: Card) -> int:
    infos = card.data.get("dataset_info") or []
    infos = infos if isinstance(infos, list) else [infos]
    splits = [s for info in infos if isinstance(info, dict) for s in info.get("splits") or []]
    return sum(int(split.get("num_examples") or 0) for split in splits if isinstance(split, dict))


def _papers(card: Card) -> list[str]:
    return [
        f"arxiv:{number}" for number in re.findall(r"arxiv\.org/\w+/(\d{4}\.\d{4,5})", card.text)
    ]


def _unique(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))


def _json(blobs: Blobs, path: str) -> Json:
    if path not in blobs:
        return {}
    try:
        content: Any = json.loads(blobs[path].read())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _task(config: Json) -> str | None:
    names = config.get("architectures") or []
    return next((task for end, task in TASKS.items() for name in names if name.endswith(end)), None)


def _parameters(blobs: Blobs) -> Json | None:
    """Add up the tensors that the headers of all weight files name; None where one is damaged."""
    counts: dict[str, int] = {}
    for blob in blobs.values():
        if not blob.path.endswith(".safetensors"):
            continue
        length = int.from_bytes(blob.read(0, 8), "little")
        try:
            header = json.loads(blob.read(8, 8 + length))
        except ValueError:
            return None
        header.pop("__metadata__", None)
        for tensor in header.values():
            kind = tensor["dtype"]
            counts[kind] = counts.get(kind, 0) + prod(tensor["shape"])
    return {"parameters": counts, "total": sum(counts.values())} if counts else None
