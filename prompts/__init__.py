"""Every prompt as a Markdown template; a missing variable is an error."""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


@cache
def templates(package: str, folder: str) -> Environment:
    """Return the Markdown templates in a folder of a package.

    Nothing is escaped: Markdown for a model or a terminal would be corrupted by HTML entities.
    """
    return Environment(
        loader=PackageLoader(package, folder),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(name: str, **values: object) -> str:
    """Return prompt `name` with its variables filled in.

    Raises:
        jinja2.UndefinedError: A variable of the template has no value.
        jinja2.TemplateNotFound: There is no such prompt.
    """
    return templates(__name__, "").get_template(f"{name}.md").render(**values)
