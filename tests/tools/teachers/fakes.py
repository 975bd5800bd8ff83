"""Teachers and data sources that do as they are told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tools.services import Json
from tools.sources import DatasetInfo
from tools.teaching import Draft, TeachingRequest, Usage

LINK = "https://example.org/a/page/with/a/long/address"


@dataclass
class RecordingTeacher:
    """Writes the drafts given, again for each request, and keeps the requests."""

    drafts: Sequence[Draft]
    requests: list[TeachingRequest] = field(default_factory=list)
    name: str = "recording-teacher"

    def write(self, request: TeachingRequest) -> Iterator[Draft]:
        self.requests.append(request)
        yield from self.drafts

    def usage(self) -> Usage:
        return Usage()


@dataclass
class ListSource:
    """A data source of one data set with one text column, beside a link that is longer."""

    repo_id: str
    licence: str
    texts: dict[str, list[str]]
    name: str = "lists"

    def infos(self) -> list[DatasetInfo]:
        return [
            DatasetInfo(
                repo_id=self.repo_id,
                config="default",
                title="",
                description="",
                licence=self.licence,
                languages=(),
                tags=(),
                columns={"id": "string", "url": "string", "text": "string", "n": "int64"},
                label_names={},
                splits={split: len(texts) for split, texts in self.texts.items()},
                samples=({"id": "1", "url": LINK, "text": "a short text", "n": 3},),
                revision="1",
            )
        ]

    def rows(self, info: DatasetInfo, split: str) -> Iterator[Json]:
        del info
        for text in self.texts[split]:
            yield {"id": "1", "url": LINK, "text": text, "n": 3}
