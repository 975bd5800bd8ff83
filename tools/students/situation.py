"""What a choice of method and base depends on: the machine, the rows, the time that is left."""

from tools.services import Call
from tools.students.machine import Machine
from tools.students.ranking import Situation
from tools.students.text.estimates import BYTES_PER_TOKEN, material

_MOST_INPUTS = 0.95
_USUAL_TOKENS = 16


def look_around(call: Call, language: str, seconds_left: float | None) -> Situation:
    """Measure the machine and the training rows.

    Args:
        call: The tool call.
        language: BCP 47 tag of the inputs.
        seconds_left: What is left of the run's time; None where it has no end.
    """
    services = call.services
    machine = services.executor.run("tools.students.jobs:machine", {}, services.progress)
    store = services.store
    rows = store.accepted("train")
    inputs = [row.input for row in rows]
    answered = store.count("validation") + store.count("test")
    lengths = sorted(len(text.encode("utf-8", "surrogatepass")) for text in inputs)
    usual = _USUAL_TOKENS * BYTES_PER_TOKEN
    return Situation(
        rows=len(lengths),
        tokens=(sum(lengths) / len(lengths) if lengths else usual) / BYTES_PER_TOKEN,
        longest=(lengths[int(_MOST_INPUTS * (len(lengths) - 1))] if lengths else usual)
        // BYTES_PER_TOKEN,
        language=language,
        output_type=call.spec.output_type,
        machine=Machine(**machine),
        seconds_left=seconds_left,
        about=material(call.spec.instruction, rows, answered),
        other_languages=call.spec.other_languages,
    )
