"""What a shipped model is made of beside its weights."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tools.services import Json, ToolError
from tools.shipping import templates
from tools.students import held_out
from tools.students.manifest import MANIFEST

SETTINGS = "model.json"
PROGRAM = "predict.py"
OF_THE_RUN = (MANIFEST, held_out.FILE)
"""Files in a student's folder that only its run needs."""
REQUIREMENTS = "requirements.txt"
TOKENIZER = "tokenizer.json"
_TRIED = "A word, then 12 more: größer, 東京, naïve 😀!  (End)"


@dataclass(frozen=True)
class Shipped:
    """A model that has been written into a folder.

    Attributes:
        program: Template that becomes `predict.py`; empty where there is no such program.
        beside: Templates that it imports.
        packages: What it needs to be installed.
        notes: Sentences on how its answers can differ from the student's.
    """

    program: str
    beside: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def write_program(shipped: Shipped, target: Path) -> None:
    """Write the program, what it imports, and which packages it needs."""
    if not shipped.program:
        return
    write_templates({shipped.program: PROGRAM}, shipped.beside, target)
    require(shipped.packages, target)


def write_templates(renamed: Mapping[str, str], beside: Sequence[str], target: Path) -> None:
    """Write templates as programs: `renamed` is template → file, `beside` are called as they are.

    In the folder that they go to they find each other without this package.
    """
    home = Path(str(templates.__file__)).parent
    package = templates.__name__
    for name, file in {**renamed, **{name: f"{name}.py" for name in beside}}.items():
        code = (home / f"{name}.py").read_text(encoding="utf-8")
        code = code.replace(f"from {package} import", "import").replace(f"{package}.", "")
        (target / file).write_text(code, encoding="utf-8")


def require(packages: Sequence[str], target: Path) -> None:
    """Add packages, of the versions that are here, to the list of those that a folder needs."""
    with (target / REQUIREMENTS).open("a", encoding="utf-8") as file:
        file.writelines(f"{name}=={version(name)}\n" for name in packages)


def write_settings(target: Path, settings: Json) -> None:
    """Write what the program has to know."""
    text = json.dumps({"format": 1} | settings, ensure_ascii=False, indent=1)
    (target / SETTINGS).write_text(text + "\n", encoding="utf-8")


def write_tokenizer(tokenizer: Any, target: Path, instead: str) -> None:
    """Write a tokenizer for the package `tokenizers`.

    Args:
        tokenizer: As transformers has it.
        target: Folder to write to.
        instead: What to do where that cannot be.

    Raises:
        ToolError: It needs more than that package.
    """
    from tokenizers import Tokenizer

    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.save(str(target / TOKENIZER))
        alone = Tokenizer.from_file(str(target / TOKENIZER))
        alone.no_truncation()
        alone.no_padding()
        if alone.encode(_TRIED).ids == tokenizer(_TRIED)["input_ids"]:
            return
    raise ToolError(f"its tokenizer works in transformers only; {instead}")


def copy_files(source: Path, target: Path, leave: tuple[str, ...] = ()) -> None:
    """Copy a folder's files, but for hidden ones and those named."""
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        hidden = any(part.startswith(".") for part in inside.parts)
        if path.is_file() and not hidden and inside.as_posix() not in leave:
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / inside)
