"""The dataset viewer's API: columns, row counts and first rows without touching a data file.

https://huggingface.co/docs/dataset-viewer. Mirrors of the Hub often have none; where it is missing,
late, or speaks of another commit, the files themselves are looked at.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from tools.hub.peek import Peek, first_split, samples, short_classes
from tools.services import Json

ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Viewer:
    """The viewer at one URL, such as `https://datasets-server.huggingface.co`."""

    url: str

    def look(self, repo_id: str, sha: str, config: str) -> Peek | None:
        """Return what the viewer shows of a config; None where it shows nothing of this commit."""
        from pyarrow import ArrowException

        try:
            return self._seen(repo_id, sha, config)
        except (ArrowException, LookupError, ValueError, TypeError, AttributeError):
            return None  # an answer of another form, or types that this version does not know

    def _seen(self, repo_id: str, sha: str, config: str) -> Peek | None:
        import pyarrow as pa
        from datasets import Features

        answer = self._get("info", repo_id, sha, config=config)
        info = answer.get("dataset_info")
        if not info or not info.get("features") or not info.get("splits"):
            return None
        splits = {str(name): int(s.get("num_examples") or 0) for name, s in info["splits"].items()}
        first = first_split(splits)
        shown = self._get("first-rows", repo_id, sha, config=config, split=first)
        cut = {name for row in shown.get("rows", ()) for name in row["truncated_cells"]}
        rows = [_uncut(row["row"], cut) for row in shown.get("rows", ())]
        if not rows:
            return None
        table = pa.Table.from_pylist(rows)
        return Peek(
            columns=list(info["features"]),
            features=dict(Features.from_dict(info["features"])),
            rows=splits,
            approximate=bool(answer.get("partial")),
            samples=samples(table),
            classes=short_classes(table),
        )

    def shows(self, repo_id: str, sha: str) -> bool:
        """Say whether the viewer has this repository."""
        valid = self._get("is-valid", repo_id, sha)
        return bool(valid.get("viewer") or valid.get("preview"))

    def _get(self, what: str, repo_id: str, sha: str, **params: str) -> Json:
        """Return an answer; empty where there is none, or one about another commit."""
        from httpx2 import HTTPError
        from huggingface_hub import get_session, get_token

        token = get_token()
        try:
            answer = get_session().get(
                f"{self.url}/{what}",
                params={"dataset": repo_id, **params},
                headers={"Authorization": f"Bearer {token}"} if token else {},
                timeout=ANSWER_SECONDS,
            )
            if answer.status_code != 200 or answer.headers.get("X-Revision", sha) != sha:
                return {}
            found = answer.json()
        except (HTTPError, ValueError, RuntimeError):
            return {}  # a RuntimeError is a shared client that another thread has closed
        return found if isinstance(found, dict) else {}


def _uncut(row: Mapping[str, Any], cut: Collection[str]) -> Json:
    """Return a row with text in the columns that are cut in some row, and so of no one type."""
    return {name: str(value) if name in cut else value for name, value in row.items()}
