"""The command line. Progress goes to stderr, results to stdout.

Exit codes: 0 done, 1 failed (state kept, resumable), 2 usage, 3 budget ended before any student,
130 interrupted (resumable). Heavy imports happen inside the commands, so that help is instant.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Describe a task in your own words; get a small model that does it, with proof.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

TaskArgument = Annotated[str, typer.Argument(metavar="TASK", help="Text, a file, or - for stdin.")]
RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="Id of a run, the beginning of one, or 'last'.")
]
OutOption = Annotated[Path | None, typer.Option(help="Directory of the runs.", show_default="runs")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command()
def run(
    task: TaskArgument,
    examples: Annotated[Path | None, typer.Option(help="File with your own examples.")] = None,
    test: Annotated[Path | None, typer.Option(help="File with your own test rows.")] = None,
    datasets: Annotated[
        list[str] | None,
        typer.Option(metavar="DIR|hub", help="Folder of data sets, or the Hub; repeatable."),
    ] = None,
    planner: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Chat model that plans, or 'rules'.")
    ] = None,
    teacher: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Chat model that writes, or 'offline'.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Chat model for second opinions; the teacher's."),
    ] = None,
    judge_test: Annotated[
        bool | None,
        typer.Option("--judge-test", help="Have the judge grade test answers that are text."),
    ] = None,
    student: Annotated[
        str | None,
        typer.Option(
            help="Method (probe, classifier; sft, seq2seq write texts), base model, or 'scratch'."
        ),
    ] = None,
    max_rounds: Annotated[int | None, typer.Option(help="Most rounds.")] = None,
    budget_usd: Annotated[float | None, typer.Option(help="Most money.")] = None,
    prices: Annotated[Path | None, typer.Option(help="TOML file with prices of models.")] = None,
    budget_minutes: Annotated[float | None, typer.Option(help="Most time.")] = None,
    target: Annotated[
        float | None, typer.Option(help="Stop at this validation score (0 to 1).")
    ] = None,
    allow_license: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Allow a licence; repeatable.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random choices.")] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do a task from its description to a measured model."""
    from agent import app as api
    from agent.intake import task_text
    from agent.terminal import watch

    settings = _settings(
        datasets=datasets,
        planner=planner,
        teacher=teacher,
        judge=judge,
        judge_test=judge_test,
        prices=prices,
        student=student,
        max_rounds=max_rounds,
        budget_usd=budget_usd,
        budget_minutes=budget_minutes,
        target=target,
        allow_license=allow_license,
        seed=seed,
        out=out,
    )
    text = task_text(task, sys.stdin.read() if task == "-" else None)
    raise typer.Exit(watch(api.run(text, settings, examples=examples, test=test), as_json))


@app.command()
def resume(run: RunArgument, out: OutOption = None, as_json: JsonOption = False) -> None:
    """Go on with a run that was interrupted."""
    from agent import app as api
    from agent.runs import find
    from agent.terminal import watch

    folder = find(_settings(out=out).out, run).folder
    raise typer.Exit(watch(api.resume(folder), as_json))


@app.command("list")
def list_(out: OutOption = None, as_json: JsonOption = False) -> None:
    """List the runs."""
    from agent.runs import list_runs
    from agent.terminal import runs_table

    runs = list_runs(_settings(out=out).out)
    if as_json:
        _print_json([r.summary() for r in runs])
    else:
        runs_table(runs)


@app.command()
def show(run: RunArgument, out: OutOption = None, as_json: JsonOption = False) -> None:
    """Show what came of a run."""
    from agent.errors import UserError
    from agent.runs import find
    from agent.terminal import print_report

    target = find(_settings(out=out).out, run)
    report = target.report
    if report is None:
        status = target.status
        then = "wait for it" if status == "running" else f"`tasksmith resume {run}` goes on with it"
        raise UserError(f"run {target.id} is {status} and has no report yet; {then}", exit_code=1)
    if as_json:
        _print_json(report)
    else:
        print_report(report)


@app.command()
def trace(run: RunArgument, out: OutOption = None) -> None:
    """Print the steps of a run as a tree: times, tool arguments and results, decisions."""
    from agent.runs import find
    from agent.terminal import print_trace

    print_trace(find(_settings(out=out).out, run))


@app.command()
def predict(
    run: RunArgument,
    text: Annotated[str | None, typer.Argument(help="A text to answer.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="Texts to answer: a line each, or jsonl, csv, tsv, parquet.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="F", help="Write the answers to F; after a crash, go on there."),
    ] = None,
    out: OutOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer texts with the model of a run; one JSON line a text with --file or --json."""
    from agent.predict import predict_texts, read_texts
    from agent.runs import find

    texts = read_texts(text, file)
    target = find(_settings(out=out).out, run)
    if output:
        from agent.predict_file import answer_file

        return answer_file(target, texts, file, output, _progress)
    for answer in predict_texts(target, texts):
        if file or as_json:
            print(json.dumps(answer, ensure_ascii=False))
        else:
            print(f"{answer['output']}  ({answer['confidence']:.2f})")
    return None


@app.command()
def serve(
    run: RunArgument,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any.")] = 8000,
    api_key: Annotated[
        str | None,
        typer.Option(envvar="TASKSMITH_SERVE_KEY", help="Key that clients have to show."),
    ] = None,
    out: OutOption = None,
) -> None:
    """Serve the model of a run to OpenAI's clients (/v1), and to others at /predict."""
    from agent.runs import find
    from agent.serve.server import serve as serve_run

    serve_run(find(_settings(out=out).out, run), host, port, api_key, _progress)


@app.command()
def export(
    run: RunArgument,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format", metavar="FORMAT", help="Write a folder: safetensors, onnx, onnx-int8, gguf."
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="TARGET", help="Publish; hub: the Hugging Face Hub.")
    ] = None,
    repo: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="NAME or OWNER/NAME; the data goes to NAME-data."),
    ] = None,
    public: Annotated[bool, typer.Option("--public", help="Let everyone see it.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Publish without asking.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write the folders and publish nothing.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where to write.", show_default="in the run directory"),
    ] = None,
    data: Annotated[
        bool, typer.Option("--data/--no-data", help="Publish the data, too, or the model alone.")
    ] = True,
    with_my_rows: Annotated[
        bool, typer.Option("--with-my-rows", help="Publish your own rows, too.")
    ] = False,
    out: OutOption = None,
) -> None:
    """Write the model of a run for use without Tasksmith, or publish it and its data.

    --format writes a folder with everything that answering takes, and scores it once more.
    --to hub publishes, private unless you say otherwise.
    """
    from agent.export import check_usage, export_folder
    from agent.export import export as export_run
    from agent.export.finished import Request
    from agent.runs import find

    check_usage(to, repo, format_, public, yes, dry_run, not data, with_my_rows)
    found = find(_settings(out=out).out, run)
    if format_:
        lines = export_folder(found, format_, folder)
    else:
        asked = Request(repo or "", public, yes, dry_run, folder, data, with_my_rows)
        lines = export_run(found, to or "", asked)
    for line in lines:
        print(line)


@app.command()
def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine offers and what is missing."""
    from agent.doctor import examine

    findings = examine()
    if as_json:
        _print_json({name: finding for name, finding, _ in findings})
    else:
        width = max(len(name) for name, _, _ in findings)
        for name, finding, good in findings:
            print(f"{'ok' if good else '--'}  {name:<{width}}  {finding}")


def _settings(**flags: Any) -> Any:
    from agent.settings import load_settings

    return load_settings(**flags)


def _progress(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


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
