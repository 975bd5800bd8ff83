"""The page of a model, served until Ctrl-C."""

from collections.abc import Callable

from agent.demo.about import about
from agent.demo.answering import answering
from agent.errors import UserError
from agent.export.finished import read_finished
from agent.runs import Run
from agent.web_access import listen, login
from tools.shipping.templates.web_guard import is_loopback


def demo(
    run: Run,
    host: str,
    port: int | None,
    progress: Callable[[str], None],
    *,
    share: bool = False,
    mcp: bool = False,
    my_rows: bool = False,
) -> None:
    """Serve a page for the model of a run.

    Args:
        run: A finished run.
        host: Address to listen at.
        port: Port to listen at; the first free one from 7860 on where None.
        progress: Told what goes on, and the address when the page is there.
        share: Whether the page gets a public address by Gradio's servers.
        mcp: Whether MCP clients may connect.
        my_rows: Whether the user's own rows may be examples where others see the page.

    Raises:
        UserError: The run has no model, the address cannot be had, or a password is missing.
    """
    visitors = login(host, share=share)
    listen(host, [port or 0]).close()
    done = read_finished(run)
    others_see = not my_rows and (share or not is_loopback(host))
    told = about(done, others_see=others_see)
    with answering(done) as likely:
        from tools.shipping.templates.demo_page import build, start

        page = build(told, likely)
        try:
            address = start(page, host, port, auth=visitors, share=share, mcp=mcp)
        except OSError as error:
            page.close(verbose=False)
            raise UserError(f"the page cannot be shown ({error}); try again later", 1) from None
        progress(f"{run.id} at {address}; Ctrl-C ends")
        if visitors:
            progress(f"visitors log in as {visitors[0]!r}")
        try:
            page.block_thread()
        except KeyboardInterrupt:
            return
