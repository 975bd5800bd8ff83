"""The command line. Progress goes to stderr, results to stdout.

Exit codes: 0 done, 1 failed (state kept, resumable), 2 usage, 3 budget ended before any student,
130 interrupted (resumable). Heavy imports happen inside the commands, so that help is instant.
"""

import sys

import typer

from agent.commands import chat, demo, history, looking, running, tracing, ui, using

app = typer.Typer(
    help="Describe a task in your own words; get a small model that does it, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(running.run)
app.command()(running.resume)
app.command()(chat.chat)
app.command("list")(looking.list_)
app.command()(looking.show)
app.command()(tracing.trace)
app.command()(history.history)
app.command()(history.fork)
app.command()(using.predict)
app.command()(using.serve)
app.command()(demo.demo)
app.command()(using.export)
app.command()(ui.ui)
app.command()(looking.doctor)


def main() -> None:
    """Run the command line; the outermost edge, where every error becomes one line."""
    from agent.errors import UserError

    try:
        app()
    except UserError as error:
        _fail(str(error), error.exit_code)
    except Exception as error:  # noqa: BLE001
        from agent.crash import describe

        kept = "; `tasksmith resume last` goes on with it" if "run" in sys.argv[1:2] else ""
        _fail(describe(error) + kept, 1)


def _fail(message: str, code: int) -> None:
    print(f"tasksmith: {message}", file=sys.stderr)
    sys.exit(code)
