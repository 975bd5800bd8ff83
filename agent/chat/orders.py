"""What begins with a slash in a conversation: orders to the front end itself, none to the run."""

from collections.abc import Callable
from pathlib import Path

from agent.chat.editor import LeaveError
from agent.chat.mailbox import Json
from agent.chat.show import round_line
from agent.chat.talk import Talk
from agent.chat.versions import score_of, versions_of
from agent.errors import UserError

HELP = """\
/file PATH      attach a file of examples to your next message
/status         how the run stands, and what it has cost
/spec           the task as it is understood
/versions       the versions of the task so far
/compare 1 2    what two versions differ in, and how they scored
/stop           stop after the round under way, measure, and report
/pause          stop at once; "go on" continues
/quit           leave; the run goes on
Alt-Enter begins a new line; what you paste stays one message."""


def obey(talk: Talk, line: str) -> str:
    """Do what an order says, and return what to show.

    Raises:
        UserError: It cannot be done.
        LeaveError: The person wants to leave.
    """
    name, _, rest = line.strip().partition(" ")
    order = ORDERS.get(name.lower())
    if order is None:
        raise UserError(f"{name} is no order; /help lists them")
    return order(talk, rest.strip())


def _help(_talk: Talk, _rest: str) -> str:
    return HELP


def _quit(_talk: Talk, _rest: str) -> str:
    raise LeaveError


def _file(talk: Talk, rest: str) -> str:
    if not rest:
        raise UserError("name the file: /file PATH")
    path = Path(rest.strip("'\"")).expanduser()
    talk.attach(path)
    return f"{path.name} goes with your next message."


def _status(talk: Talk, _rest: str) -> str:
    if talk.run is None:
        return "Nothing has been said yet."
    mailbox = talk.mailbox
    lines = [f"{talk.run.id}: {talk.run.status}"]
    steps = [m.data for m in mailbox.after() if m.kind == "step"]
    closed = [s["round"] for s in steps if s.get("round")]
    lines += [round_line(closed[-1])] if closed else []
    spent = [s["spent"] for s in steps if s.get("spent")]
    lines += [_cost(spent[-1])] if spent else []
    now = mailbox.progress()
    if now and talk.run.status == "running":
        lines.append(f"now: {now[1]}")
    return "\n".join(lines)


def _cost(spent: Json) -> str:
    usd = "unknown" if spent["usd"] is None else f"{spent['usd']:.2f}"
    return f"spent: {usd} USD, {spent['seconds']:.0f} s, {spent['teacher_calls']} teacher calls"


def _spec(talk: Talk, _rest: str) -> str:
    versions = versions_of(talk.mailbox.after())
    if not versions:
        return "The task has not been read yet."
    latest = versions[max(versions)].data
    return f"Version {latest['version']}\n" + "\n".join(_described(latest["spec"]))


def _described(spec: Json) -> list[str]:
    labels = [f"  {la['name']}" + (f": {la['meaning']}" if la["meaning"] else "")
              for la in spec["labels"]]  # fmt: skip
    lines = [spec["instruction"], f"output: {spec['output_type']}, inputs in {spec['language']}"]
    lines += ["labels:", *labels] if labels else []
    lines += [f"metric: {spec['metric']}"] if spec["metric"] else []
    return lines + [f"- {c}" for c in (*spec["conventions"], *spec["assumptions"])]


def _versions(talk: Talk, _rest: str) -> str:
    messages = talk.mailbox.after()
    versions = versions_of(messages)
    if not versions:
        return "The task has not been read yet."
    return "\n".join(
        f"{number}  {'; '.join(message.data['changed']) or 'as first understood'}"
        f"  [{score_of(messages, number)}]"
        for number, message in sorted(versions.items())
    )


def _compare(talk: Talk, rest: str) -> str:
    from tools.talk.versions import compare
    from tools.task import TaskSpec

    messages = talk.mailbox.after()
    versions = versions_of(messages)
    numbers = [int(word) for word in rest.split() if word.isdigit()]
    if len(numbers) != 2 or not set(numbers) <= versions.keys():
        known = ", ".join(map(str, sorted(versions))) or "none yet"
        raise UserError(f"name two versions: /compare 1 2 (known: {known})")
    old, new = (TaskSpec.model_validate(versions[n].data["spec"]) for n in numbers)
    lines = compare(old, new) or ["The two versions are the same."]
    return "\n".join([*lines, *(f"{n}: {score_of(messages, n)}" for n in numbers)])


def _stop(talk: Talk, _rest: str) -> str:
    return _ask(talk, "round", "It stops after the round under way.")


def _pause(talk: Talk, _rest: str) -> str:
    return _ask(talk, "now", "It stops now.")


def _ask(talk: Talk, when: str, said: str) -> str:
    from agent import jobs

    if talk.run is None or talk.run.status != "running":
        return "Nothing is under way."
    jobs.stop(talk.run, "now" if when == "now" else "round")
    return said


ORDERS: dict[str, Callable[[Talk, str], str]] = {
    "/help": _help,
    "/file": _file,
    "/status": _status,
    "/spec": _spec,
    "/versions": _versions,
    "/compare": _compare,
    "/stop": _stop,
    "/pause": _pause,
    "/quit": _quit,
}
