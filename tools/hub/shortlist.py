"""Which of many candidates are worth a closer look, from their cards alone."""

from collections.abc import Sequence

from tools.hub.documents import card_document
from tools.hub.retrieval import Collection
from tools.services import Encoder
from tools.sources import DatasetInfo


def shortlist(
    infos: Sequence[DatasetInfo], phrasings: Sequence[str], encoder: Encoder, limit: int
) -> list[DatasetInfo]:
    """Return the candidates whose cards answer the query best, best first.

    Columns, samples and sizes are not looked at: they cost a request each to find out.

    Args:
        infos: What a search by name brought, one per repository.
        phrasings: Several ways to put the query.
        encoder: Judges meaning.
        limit: Most to return.
    """
    if not infos:
        return []
    cards = Collection([card_document(info) for info in infos], encoder)
    return [infos[i] for i in cards.order(cards.scores(phrasings))[:limit]]
