"""Use the model of a run."""

import json
from pathlib import Path
from typing import Annotated

import typer

from agent.commands.options import JsonOption, OutOption, RunArgument, progress, settings_from


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
    """Answer texts with the model of a run.

    With --file or --json, the answers are JSON, a line each.
    """
    from agent.predict import predict_texts, read_texts
    from agent.runs import find

    texts = read_texts(text, file)
    target = find(settings_from(out=out).out, run)
    if output:
        from agent.predict_file import answer_file

        return answer_file(target, texts, file, output, progress)
    for answer in predict_texts(target, texts):
        if file or as_json:
            print(json.dumps(answer, ensure_ascii=False))
        else:
            print(f"{answer['output']}  ({answer['confidence']:.2f})")
    return None


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
    """Serve the model of a run over HTTP.

    OpenAI's clients find it at /v1, others at /predict.
    """
    from agent.runs import find
    from agent.serve.server import serve as serve_run

    serve_run(find(settings_from(out=out).out, run), host, port, api_key, progress)


def export(
    run: RunArgument,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="Write a folder: safetensors, onnx, onnx-int8, gguf, or space, a page with it.",
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
        bool, typer.Option("--with-my-rows", help="Publish, or show, your own rows, too.")
    ] = False,
    out: OutOption = None,
) -> None:
    """Write the model of a run for use elsewhere, or publish it.

    --format writes a folder with everything that answering takes, and scores it once more.
    --to hub publishes, private unless you say otherwise.
    """
    from agent.export import check_usage, export_folder
    from agent.export import export as export_run
    from agent.export.finished import Request
    from agent.runs import find

    check_usage(to, repo, format_, public, yes, dry_run, not data, my_rows=with_my_rows)
    found = find(settings_from(out=out).out, run)
    if format_:
        lines = export_folder(found, format_, folder, my_rows=with_my_rows)
    else:
        asked = Request(repo or "", public, yes, dry_run, folder, data, with_my_rows)
        lines = export_run(found, to or "", asked)
    for line in lines:
        print(line)
