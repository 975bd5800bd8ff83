"""What the outputs of a text task may look like, going by those that people wrote.

Nothing here judges whether an output is right: only whether any real one is of its form.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tools.curation.kinds import ENOUGH, find_kinds, settled
from tools.examples import Example
from tools.reasons import Reason
from tools.schemas import following
from tools.scoring.shapes import shape, tells
from tools.task import TaskSpec
from tools.teaching import Draft
from tools.text import folded

_SLACK = 3
_ROOM, _NARROW_ROOM = 200, 20
"""Characters that any output may have: while little is known of real ones, and then."""


class Outputs:
    """The rules for outputs of one text task.

    With a JSON Schema, the schema rules. Without one, forms that real outputs never have are
    turned down where there are enough of these to know, and where nearly all of them would pass if
    the others were all that is known.

    Args:
        spec: The task.
        real: Training rows that people wrote.
    """

    def __init__(self, spec: TaskSpec, real: Sequence[Example]) -> None:
        self._schema = spec.output_schema
        outputs = [row.output for row in real]
        self.kinds = None if self._schema else find_kinds(outputs, spec.instruction)
        self._themselves = self.kinds.themselves if self.kinds else frozenset[str]()
        self._widths: dict[str, Counter[str]] = defaultdict(Counter)
        forms: Counter[str] = Counter()
        for number, output in enumerate(outputs):
            form = shape(output, self._themselves)
            self._widths[form][_widths(output)] += 1
            known = form in self._themselves or tells(form)
            forms[form if known else f"{form} {number}"] += 1
        self._strict = self.kinds is not None and settled(forms)
        longest = max(map(len, outputs), default=0)
        room = _NARROW_ROOM if len(real) >= ENOUGH else _ROOM
        self._longest = max(room, _SLACK * longest) if real else None
        copies = any(folded(row.input) == folded(row.output) for row in real)
        self._new = len(real) >= ENOUGH and not copies

    def mended(self, draft: Draft) -> Draft:
        """Return a draft whose output is JSON in the one spelling, where it follows the schema."""
        output = following(self._schema, draft.output) if self._schema else None
        return draft if output is None else replace(draft, output=output)

    def reason(self, draft: Draft) -> Reason | None:
        """Return why the output of a draft cannot be one of this task, or None."""
        if self._schema is not None and following(self._schema, draft.output) is None:
            return "malformed output"
        if self._new and folded(draft.input) == folded(draft.output):
            return "copied input"
        if self._schema is None and self._longest and len(draft.output) > self._longest:
            return "output too long"
        return "malformed output" if self._strict and self._is_new_form(draft.output) else None

    def _is_new_form(self, output: str) -> bool:
        form = shape(output, self._themselves)
        if form not in self._widths:
            return True
        widths = self._widths[form]
        return settled(widths) and _widths(output) not in widths


def _widths(output: str) -> str:
    """Return how many digits stand in each place: dates have four, two and two."""
    return " ".join(str(len(run)) for run in re.findall(r"\d+", output))
