"""Show the model of a run to people."""

from typing import Annotated

import typer

from agent.commands.options import OutOption, RunArgument, progress, settings_from


def demo(
    run: RunArgument,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port.", show_default="the first free one from 7860"),
    ] = None,
    share: Annotated[
        bool, typer.Option("--share", help="Get a public address from Gradio's servers.")
    ] = False,
    mcp: Annotated[bool, typer.Option("--mcp", help="Let agents call the model, by MCP.")] = False,
    with_my_rows: Annotated[
        bool, typer.Option("--with-my-rows", help="Your own rows may be examples for others.")
    ] = False,
    out: OutOption = None,
) -> None:
    """Show a page where people can try the model of a run.

    It says how good the model is, and where it fails. Where others can reach the page, they log
    in with TASKSMITH_UI_PASSWORD.
    """
    from agent.demo.serving import demo as show
    from agent.runs import find

    found = find(settings_from(out=out).out, run)
    show(found, host, port, progress, share=share, mcp=mcp, my_rows=with_my_rows)
