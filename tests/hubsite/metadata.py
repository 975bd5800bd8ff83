"""Whether the metadata of a card would be taken."""

import re
from collections.abc import Callable
from typing import Any

import yaml

from tests.hubsite.wire import Json

_LICENCES = (
    "apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m "
    "bigscience-bloom-rail-1.0 bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd "
    "bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 "
    "cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 "
    "cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 "
    "cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl "
    "ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 "
    "gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc intel-research lppl-1.3c ms-pl apple-ascl mpl-2.0 "
    "odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr "
    "deepfloyd-if-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community "
    "gemma unknown other"
)
LICENCES = frozenset(_LICENCES.split())
STRINGS = ("tags", "datasets", "metrics", "task_categories", "task_ids", "size_categories")


def findings(content: str, kind: str) -> tuple[list[Json], list[Json]]:
    """Return errors and warnings about the README of a repository.

    Not covered: everything that the Hub checks about results (`model-index`) and widgets.
    """
    match = re.match(r"\s*---\r?\n(.*?)\r?\n?---\s*(?:\n|$)", content, re.DOTALL)
    if not match:
        return [], _messages("empty or missing yaml metadata in repo card")
    try:
        data = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        return _messages(" ".join(str(error).split())), []
    if data is None:
        return [], _messages("empty or missing yaml metadata in repo card")
    if not isinstance(data, dict):
        return _messages("metadata must be of type object"), []
    errors = [text for check in _CHECKS for text in check(data)]
    if kind == "dataset" and "configs" in data and not isinstance(data["configs"], list):
        errors.append('"configs" must be an array')
    return _messages(*errors), []


def _licences(data: Json) -> list[str]:
    return [
        f'"license" must be one of [{", ".join(sorted(LICENCES))}]'
        for name in _list(data.get("license"))
        if name not in LICENCES
    ]


def _languages(data: Json) -> list[str]:
    return [
        f'"language[{number}]" must only contain lowercase characters, and be a code'
        for number, code in enumerate(_list(data.get("language")))
        if not isinstance(code, str) or not re.fullmatch(r"[a-z]{2,8}(-[A-Za-z0-9]+)*", code)
    ]


def _string_lists(data: Json) -> list[str]:
    return [
        f'"{key}" must be an array of strings'
        for key in STRINGS
        if key in data and not all(isinstance(item, str) for item in _list(data[key]))
    ]


def _bases(data: Json) -> list[str]:
    return [
        f'"base_model[{number}]" with value "{name}" is not valid. Use a model id from'
        " https://hf.co/models."
        for number, name in enumerate(_list(data.get("base_model")))
        if not isinstance(name, str) or not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name)
    ]


_CHECKS: tuple[Callable[[Json], list[str]], ...] = (_licences, _languages, _string_lists, _bases)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _messages(*texts: str) -> list[Json]:
    return [{"message": text} for text in texts]
