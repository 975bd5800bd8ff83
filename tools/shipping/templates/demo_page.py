"""The page of one model: a text box, an answer with its confidence, and what is known of it."""

import os
from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.events import api
from starlette.middleware import Middleware

from tools.shipping.templates import demo_parts
from tools.shipping.templates.command_line import Likely
from tools.shipping.templates.demo_parts import CSS, About
from tools.shipping.templates.web_guard import Guard, is_loopback

LONGEST = 10_000
"""Characters of a text to answer."""
_WAITING = 64
_TASK = 600

Answering = Callable[[str], Likely]
"""Gives answers to a text, the likeliest first."""


class InputError(Exception):
    """A text that cannot be answered; the message is for whoever sent it."""


def build(about: About, likely: Answering) -> gr.Blocks:
    """Return the page; its API has one function, `predict`, which MCP clients see as a tool."""

    def shown(text: str) -> str:
        try:
            return demo_parts.answer(about, likely(_checked(text)))
        except InputError as error:
            return demo_parts.said(str(error))

    blocks: gr.Blocks
    with gr.Blocks(title=about["title"], analytics_enabled=False) as blocks:
        gr.HTML(demo_parts.head(about), js_on_load=None)
        with gr.Row():
            with gr.Column(min_width=300):
                box = gr.Textbox(
                    label="Your text", lines=4, max_lines=14, elem_id="text",
                    info=f"At most {LONGEST:,} characters. Shift+Enter answers.",
                )  # fmt: skip
                button = gr.Button("Answer", variant="primary")
            with gr.Column(min_width=300):
                answer = gr.HTML(demo_parts.nothing(), js_on_load=None, elem_id="answer")
        for event in (button.click, box.submit):
            event(
                shown, box, answer, api_visibility="private", concurrency_id="model",
                show_progress="minimal",
            )  # fmt: skip
        if about["examples"]:
            _examples(about, box, answer, shown)
        gr.HTML(demo_parts.facts(about), js_on_load=None)
        api(
            _predicting(about, likely), api_name="predict", concurrency_id="model",
            api_description=_described(about),
        )  # fmt: skip
    blocks.queue(max_size=_WAITING)
    return blocks


def start(
    blocks: gr.Blocks,
    host: str,
    port: int | None,
    *,
    auth: tuple[str, str] | None = None,
    share: bool = False,
    mcp: bool | None = None,
    origins: bool = True,
) -> str:
    """Serve a page in a thread of its own, and return its address.

    Args:
        blocks: The page.
        host: Address to listen at.
        port: Port to listen at; the first free one from 7860 on where None.
        auth: User and password that visitors have to know.
        share: Whether to ask Gradio for a public address; that address is returned, then.
        mcp: Whether MCP clients may connect; where None, GRADIO_MCP_SERVER decides.
        origins: Whether pages from elsewhere are refused.

    Raises:
        OSError: The port is taken, or the address not of this machine.
    """
    local = is_loopback(host) and not share
    blocks.launch(
        server_name=host, server_port=port, auth=auth, share=share, mcp_server=mcp, css=CSS,
        theme=theme(),
        app_kwargs={"middleware": [Middleware(Guard, origins=origins, local=local)]},
        prevent_thread_lock=True, quiet=True, inline=False, ssr_mode=False, pwa=False,
        footer_links=["api"], run_history=False, enable_monitoring=False,
    )  # fmt: skip
    if share and not blocks.share_url:
        raise OSError("Gradio gives no public address")
    return str(blocks.share_url or blocks.local_url)


def address() -> str:
    """Return the address that the environment asks for; that of this machine alone otherwise."""
    elsewhere = "0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1"
    return os.environ.get("GRADIO_SERVER_NAME") or elsewhere


def theme() -> gr.themes.Base:
    """Return fonts that every system has, since none is to be fetched, and enough contrast."""
    plain = gr.themes.Default(
        primary_hue="teal", neutral_hue="slate",
        font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"],
    )  # fmt: skip
    return plain.set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
    )


def _examples(about: About, box: gr.Textbox, answer: gr.HTML, shown: Callable[[str], str]) -> None:
    texts: list[str] = about["examples"]
    listed = gr.Dataset(
        label="Examples from its training data", components=[box], type="index",
        samples=[[text] for text in texts], elem_id="examples",
    )  # fmt: skip
    listed.click(
        lambda number: texts[number], listed, box, api_visibility="private", queue=False
    ).then(
        shown, box, answer, api_visibility="private", concurrency_id="model",
        show_progress="minimal",
    )  # fmt: skip


def _predicting(about: About, likely: Answering) -> Callable[[str], dict[str, Any]]:
    def predict(text: str) -> dict[str, Any]:
        """Answer a text.

        Args:
            text: What to answer, of at most 10,000 characters.

        Returns:
            `output`; `confidence`, from 0 to 1; `unsure`, whether that is low; and under `likely`
            the likeliest few answers with their probabilities.
        """
        try:
            found = likely(_checked(text))
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from None
        output, confidence = found[0]
        return {
            "output": output,
            "confidence": round(confidence, 4),
            "unsure": demo_parts.is_unsure(about, confidence),
            "likely": [
                {"output": one, "confidence": round(chance, 4)}
                for one, chance in found[: demo_parts.SHOWN]
            ],
        }

    return predict


def _described(about: About) -> str:
    task = about["task"]
    return f"Answer a text. The task: {task[:_TASK]}{'…' if len(task) > _TASK else ''}"


def _checked(text: str) -> str:
    """Return a text as a model can read it.

    Raises:
        InputError: It is empty or too long.
    """
    if not text.strip():
        raise InputError("Write a text first.")
    if len(text) > LONGEST:
        raise InputError(
            f"This text has {len(text):,} characters; at most {LONGEST:,} are read. Shorten it."
        )
    # Halves of characters, which JSON can hold and no tokenizer takes.
    return text.encode("utf-8", "replace").decode("utf-8")
