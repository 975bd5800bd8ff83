"""A teacher without a language model: it rearranges the training examples.

The one thing it has to say that the examples do not is what the user wrote about each label: with
few examples per label, its meaning as one more example helps a frozen encoder a lot. Beyond that it
creates no new meaning. Joined clauses keep the words of the examples, and with a frozen encoder
they did nothing on 77 bank intents and cost a point on 7 assistant intents. Substituted words and
typing errors were measured too, cost half a point and 1.4 points there, and were dropped.
Sentences of related data bring new words, but only what the best student so far
believes of them.
"""

import random
import re
from collections.abc import Iterator, Sequence
from itertools import count

from tools.examples import Example
from tools.task import TaskSpec
from tools.teachers.recombine import Pool, join_clauses
from tools.teaching import Draft, RelatedText, TeachingRequest, Usage
from tools.text import folded

SURE = 0.9
"""Related sentences that the student is less sure of made students worse in measurements."""
USER = "user"
"""Licence of what the user wrote."""
_PATIENCE = 60
"""Attempts in a row that may bring nothing new before a label counts as used up."""


class OfflineTeacher:
    """Writes label examples from the training examples and from sentences of related data.

    Text tasks get nothing from it: after any change to an input its output would have to change
    too, and nothing here can tell how.
    """

    name = "offline-teacher"

    def write(self, request: TeachingRequest) -> Iterator[Draft]:
        """Yield drafts, labels interleaved by quota, until every label is used up."""
        if request.spec.output_type == "text":
            return
        ideas = {
            label: _ideas(label, request)
            for label in sorted(request.quotas)
            if request.quotas[label] > 0
        }
        quotas = {label: request.quotas[label] for label in ideas}
        due = dict.fromkeys(ideas, 0)
        while ideas:
            # Smooth weighted round robin: every label is never far from its share.
            for label in ideas:
                due[label] += quotas[label]
            label = max(ideas, key=lambda name: due[name])
            due[label] -= sum(quotas[name] for name in ideas)
            draft = next(ideas[label], None)
            if draft is None:
                del ideas[label]
            else:
                yield draft

    def usage(self) -> Usage:
        """Return zeros: nothing here costs anything."""
        return Usage(usd=0.0)


def _ideas(label: str, request: TeachingRequest) -> Iterator[Draft]:
    """Yield drafts of one label, those that say something new first."""
    yield from _described(label, request.spec)
    for related in request.related:
        if related.label == label and related.confidence >= SURE:
            yield _adopted(related)
    parents = _parents(label, request.examples)
    if parents:
        # A generator of its own for each label, so that one label's luck leaves others alone.
        yield from _recombined(label, parents, random.Random(f"{request.seed} {label}"))


def _recombined(label: str, parents: Sequence[Example], rng: random.Random) -> Iterator[Draft]:
    pool = Pool(parents)
    seen = {folded(parent.input) for parent in parents}
    last = 0
    for attempt in count():
        if attempt - last > _PATIENCE:
            return
        made = join_clauses(pool, rng)
        if made is not None and folded(made.text) not in seen:
            seen.add(folded(made.text))
            last = attempt
            yield Draft(made.text, label, made.parents, source=OfflineTeacher.name)


def _parents(label: str, examples: Sequence[Example]) -> list[Example]:
    """Return the examples of a label written by people; synthetic ones only where there are none.

    Recombining what was recombined before would drift further from real messages every round.
    """
    mine = [example for example in examples if example.output == label]
    return [example for example in mine if example.evidence != "synthetic"] or mine


def _described(label: str, spec: TaskSpec) -> Iterator[Draft]:
    """Yield the meaning of a label, or else its name in words."""
    for known in spec.labels:
        if known.name == label:
            text = known.meaning.strip() or _in_words(label)
            yield Draft(text, label, source=OfflineTeacher.name, licence=USER)


def _in_words(name: str) -> str:
    """Return `PlayMusic` or `play_music` as `play music`."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[\W_]+", spaced)).strip().lower()


def _adopted(related: RelatedText) -> Draft:
    return Draft(related.text, related.label, source=related.source, licence=related.licence)
