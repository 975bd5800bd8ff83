"""A large language model as the teacher."""

from collections.abc import Iterator, Mapping, Sequence

from tools.llm.asking import BUDGET, TOO_LONG, Asker, line
from tools.llm.prompt import Prompt, Reply
from tools.reasons import Reason
from tools.services import BudgetError
from tools.teachers.assignments import assignments
from tools.teachers.grid import Variety
from tools.teachers.rewriting import USUAL_PLAN, plan_prompt, rewritten, row_orders
from tools.teachers.showing import AMPLE, SCARCE, all_labels
from tools.teachers.variety import read_variety, variety_prompts
from tools.teachers.writing import Order, drafts, order
from tools.teaching import Draft, RewritingRequest, TeachingRequest, Usage

EXAMPLES_PER_CALL = 16
PROBLEMS: Mapping[str, Reason] = {
    "malformed answer": "malformed answer",
    "refused": "refused",
    "no answer": "no answer",
    TOO_LONG: "prompt too long",
}
"""Problem of a reply → reason under which it is stored."""


class LLMTeacher:
    """Writes and rewrites examples by asking a language model.

    Every prompt follows from the request alone. So a run that was killed asks the same again and
    finds the answers among those that are kept.

    Args:
        asker: Sends the prompts.
        per_call: Examples that a prompt asks for at most.
    """

    def __init__(self, asker: Asker, per_call: int = EXAMPLES_PER_CALL) -> None:
        self.name = asker.model
        self._asker = asker
        self._per_call = per_call
        self._varieties: dict[tuple[str, ...], Variety] = {}
        self._plans: dict[str, str] = {}

    def write(self, request: TeachingRequest) -> Iterator[Draft]:
        """Yield the drafts of one wave of prompts that together ask for what is wanted.

        Raises:
            BudgetError: Prompts were left unanswered for want of money; after the last draft.
        """
        wanted = assignments(request, self._variety_of(request), self._per_call)
        orders = [order(request, number, some, AMPLE) for number, some in enumerate(wanted)]
        long: list[Order] = []
        for asked, reply in self._asked(orders, request):
            if reply.problem == TOO_LONG:
                long.append(asked)
                continue
            yield from _failed(reply)
            yield from drafts(asked, reply)
        if long:
            shorter = [order(request, asked.number, asked.wanted, SCARCE) for asked in long]
            for asked, reply in self._asked(shorter, request):
                yield from _failed(reply)
                yield from drafts(asked, reply)

    def rewrite(self, request: RewritingRequest) -> Iterator[Draft]:
        """Yield what became of the rows, all of which are asked about at once.

        Raises:
            BudgetError: Prompts were left unanswered for want of money; after the last draft.
        """
        if not request.rows:
            return
        orders = row_orders(request, request.plan or self._plan_of(request))
        replies = self._replies([asked.prompt for asked in orders], request.call)
        for asked, reply in zip(orders, replies, strict=True):
            yield from _failed(reply)
            yield from rewritten(asked, reply)

    def usage(self) -> Usage:
        """Return zeros: what calls cost is in the run's call book."""
        return Usage()

    def _asked(
        self, orders: Sequence[Order], request: TeachingRequest
    ) -> Iterator[tuple[Order, Reply]]:
        replies = self._replies([asked.prompt for asked in orders], request.call)
        return zip(orders, replies, strict=True)

    def _replies(self, prompts: Sequence[Prompt], call: str) -> Iterator[Reply]:
        unpaid = 0
        for reply in self._asker.ask(prompts, call):
            unpaid += reply.problem == BUDGET
            yield reply
        if unpaid:
            raise BudgetError(f"the budget ended with {unpaid} prompts unanswered")

    def _variety_of(self, request: TeachingRequest) -> Variety:
        """Return in what examples should differ; the model names it, once per task.

        Where it names nothing of use, writing goes on without.
        """
        known = all_labels(request.spec, request.examples)
        labels = [] if request.kinds else list(dict.fromkeys([*known, *request.quotas]))
        # Not what is still missing: all waves of a batch, and a repeated one, must ask the same.
        n = len(request.examples) + max(request.asked, request.n)
        prompts = variety_prompts(request.spec, labels, n)
        key = tuple(prompt.user for prompt in prompts)
        if key in self._varieties:
            return self._varieties[key]
        replies = list(self._asker.ask(prompts, request.call))
        variety = read_variety(labels, replies)
        if all(reply.value for reply in replies):
            self._varieties[key] = variety
        return variety

    def _plan_of(self, request: RewritingRequest) -> str:
        """Return how to rewrite rows of a data set; the model plans it, once for each call."""
        key = line([request.call, request.title, list(request.rows[0].values)])
        if key not in self._plans:
            reply = next(iter(self._replies([plan_prompt(request)], request.call)))
            plan = (reply.value or {}).get("plan")
            self._plans[key] = plan if isinstance(plan, str) and plan.strip() else USUAL_PLAN
        return self._plans[key]


def _failed(reply: Reply) -> Iterator[Draft]:
    """Yield a draft that says why there is no answer, where the budget is not the reason."""
    # What may follow a colon is a server's own words.
    problem = PROBLEMS.get(reply.problem.partition(":")[0])
    if problem:
        yield Draft("", "", problem=problem)
