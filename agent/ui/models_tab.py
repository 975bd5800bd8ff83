"""The tab Models: what finished runs have come to, compared."""

from typing import Any

from agent.ui.context import QUIET, Context
from agent.ui.models import Model, differences, models_of, side_by_side
from agent.ui.plots import scores_plot
from agent.ui.safe import block, notice, render
from agent.ui.standing import overview

MOST_COMPARED, MOST_PLOTTED = 4, 20


def build(context: Context) -> None:
    """Build the tab."""
    import gradio as gr

    chosen = gr.Dropdown(
        [],
        label=f"Side by side (two to {MOST_COMPARED})",
        multiselect=True,
        max_choices=MOST_COMPARED,
        elem_id="ts-compared",
    )
    compared, table = block(), block()

    def refresh(wanted: list[str] | None) -> list[Any]:
        models = _models(context)
        known = [model.run for model in models]
        kept = [name for name in wanted or () if name in known]
        choices = gr.Dropdown(choices=known, value=kept)
        return [choices, compared_html(models, kept), table_html(models)]

    def compare(wanted: list[str] | None) -> str:
        return compared_html(_models(context), wanted or [])

    context.tab.select(refresh, chosen, [chosen, compared, table], **QUIET)
    chosen.input(compare, chosen, compared, **QUIET)


def _models(context: Context) -> list[Model]:
    return models_of(overview(context.settings.out), context.settings.out)


def table_html(models: list[Model]) -> str:
    """Return all models as a chart and a table, HTML."""
    if not models:
        return notice("No run has come to a model yet.")
    plotted = [
        {"name": model.run, "value": model.value, "ci95": model.ci95}
        for model in models
        if model.value is not None
    ]
    plot = scores_plot(plotted[:MOST_PLOTTED])
    return render("models.html", models=models, plot=plot, hidden=len(plotted) - MOST_PLOTTED)


def compared_html(models: list[Model], names: list[str]) -> str:
    """Return the chosen models side by side, and what differs in words, HTML."""
    by_name = {model.run: model for model in models}
    chosen = [by_name[name] for name in names if name in by_name]
    if len(chosen) < 2:
        return notice("Choose two models or more to see them side by side.") if models else ""
    said = [(other.run, differences(chosen[0], other)) for other in chosen[1:]]
    return render("compared.html", models=chosen, said=said, rows=side_by_side(chosen))
