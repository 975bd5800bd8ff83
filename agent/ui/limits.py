"""What a run begun on the page may take."""

from typing import TYPE_CHECKING

from agent.settings import Settings, load_settings

if TYPE_CHECKING:
    import gradio as gr


def limit_fields(settings: Settings) -> list["gr.Number"]:
    """Return fields for what a new run may take: money, minutes, rounds."""
    import gradio as gr

    with gr.Row():
        return [
            gr.Number(settings.budget_usd, label="Most money, USD", minimum=0),
            gr.Number(settings.budget_minutes, label="Most time, minutes", minimum=1),
            gr.Number(settings.max_rounds, label="Most rounds", minimum=1, precision=0),
        ]


def with_limits(settings: Settings, limits: tuple[float, ...]) -> Settings:
    """Return settings with what `limit_fields` holds."""
    usd, minutes, rounds = limits
    changed = {"budget_usd": usd, "budget_minutes": minutes, "max_rounds": rounds}
    return load_settings(**(settings.model_dump() | changed))
