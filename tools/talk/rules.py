"""Understanding what a person says by rules, for when no LLM is there to do it."""

import re
from collections.abc import Sequence

from tools.reading.demonstrations import extract
from tools.talk.answers import answer
from tools.talk.asked import change_in
from tools.talk.phrases import GREETING, is_greeting, says_go_on, says_no, says_stop, says_yes
from tools.talking import Change, Heard, Json
from tools.task import Demonstration, TaskSpec

EXAMPLES = 3
LONGEST = 4_000
"""Characters of a message's prose that are looked at."""
NOT_UNDERSTOOD = (
    "I did not understand that, and changed nothing. I can take: 'add label X: meaning', 'rename"
    " A to B', 'remove X', 'it confuses A with B', 'add French', 'half the size', 'don't use"
    " DATA SET', 'two more rounds', 'rule: …', examples (text -> answer), and questions."
)
_QUESTION = re.compile(
    r"(?:what|why|how|when|where|which|who|is|are|does|do|did|has|have|was|wie|warum|wieso|wann|wo|"
    r"welche[rsnm]?|wer|ist|sind|hat|pourquoi|comment|quand|où|quel(?:le)?s?|combien|que|qué|cómo|"
    r"cuándo|dónde|cuánto|perché|come|quando|quanto|status)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^(?:can|could|would|will) (?:you|we)\b|\bplease\b|^(?:kannst|könntest) du\b|\bbitte\b",
    re.IGNORECASE,
)


class RulesListener:
    """Understands short messages in set forms; satisfies `tools.talking.Listener`."""

    def hear(self, text: str, situation: Json) -> Heard:
        """Return what a message means; one that no rule knows changes nothing."""
        prose, rows = parted(text, situation)
        if not prose.strip():
            return Heard("amend", change=Change(rows=rows)) if rows else Heard("question")
        if not rows and (simple := one_word(prose)):
            return simple
        if not rows and is_greeting(prose):
            return Heard("question", GREETING)
        # What is longer is no request, and would take these rules long.
        prose = prose[:LONGEST]
        asks = prose.rstrip().endswith("?") and not _POLITE.search(prose)
        change = None if asks else change_in(prose, situation)
        if change or rows:
            change = (change or Change()).model_copy(update={"rows": rows})
            return Heard("amend", change=change)
        if asks or _QUESTION.match(prose.strip()):
            return Heard("question", answer(prose, situation))
        return Heard("question", NOT_UNDERSTOOD)

    def imagine(self, spec: TaskSpec, known: Sequence[Demonstration]) -> list[Demonstration]:
        """Return the first of the person's own examples: rules can make none up."""
        del spec
        return list(known[:EXAMPLES])


def one_word(prose: str) -> Heard | None:
    """Return what a message means that only agrees, declines, stops or goes on, in a few words."""
    if says_yes(prose):
        return Heard("agree")
    if says_no(prose):
        return Heard("decline")
    if (stop := says_stop(prose)) == "stop round":
        return Heard("stop round", "I stop after this round and tell you what came of it.")
    if stop:
        return Heard("stop now", "I pause. Say 'go on' when I should continue.")
    return Heard("go on") if says_go_on(prose) else None


def parted(text: str, situation: Json) -> tuple[str, tuple[Demonstration, ...]]:
    """Return the prose of a message, and the examples pasted into it.

    A line such as `text -> label` counts where the label is one of the task's, even if it stands
    alone.
    """
    extracted = extract(text)
    labels = {
        label["name"].casefold(): label["name"]
        for label in (situation.get("task") or {}).get("labels", ())
    }
    rows, prose = list(extracted.demonstrations), []
    for line in extracted.prose.split("\n"):
        said, _, output = _ARROW.sub("\0", line, count=1).partition("\0")
        name = labels.get(output.strip().strip("\"'`.").casefold())
        if name and said.strip() and not _COMMAND.match(said):
            rows.append(Demonstration(input=said.strip(" \"'-*•"), output=name))
        else:
            prose.append(line)
    return "\n".join(prose).strip(), tuple(rows)


def prose_of(text: str, situation: Json) -> str:
    """Return what an earlier message says, without anything that may be an example.

    Labels may have been called otherwise when it was said, so that a line with an arrow in it is
    left out whatever stands behind it, as is all of a long message.
    """
    if len(text) > LONGEST:
        return ""
    prose, _ = parted(text, situation)
    return "\n".join(line for line in prose.split("\n") if not _ARROW.search(line)).strip()


_ARROW = re.compile(r"\s(?:->|=>|-->|==>)\s|\s*[→⇒⟶]\s*")
_COMMAND = re.compile(r"\s*(?:rename|call|benenne|renomme)\b", re.IGNORECASE)
