import subprocess
import sys
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "datasets", "trl", "gradio", "langgraph", "pandas", "sklearn"}


@pytest.mark.parametrize("name", ["agent", "graph", "prompts", "tools"])
def test_import_name_is_ours(name: str) -> None:
    # A foreign top-level package of the same name would be imported in our place, without a word.
    assert import_module(name).__file__ == str(ROOT / name / "__init__.py")
    assert set(packages_distributions().get(name, [])) <= {"tasksmith"}


def test_command_line_imports_nothing_heavy() -> None:
    code = f"import sys, agent.cli, agent.app; print({HEAVY!r} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr


def test_every_folder_is_a_package() -> None:
    for room in ("agent", "graph", "prompts", "tools", "tests"):
        folders = {path.parent for path in (ROOT / room).rglob("*.py")}
        assert all((folder / "__init__.py").exists() for folder in folders)
