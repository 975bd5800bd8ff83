"""GGUF: a decoder as one file for llama.cpp, by the converter that comes with that."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.services import Json, ToolError
from tools.shipping.shipped import OF_THE_RUN, Shipped, copy_files
from tools.students.text import models
from tools.students.text.form import FORM, Form, ends

WEIGHTS = "model.gguf"
_CONVERTERS = ("convert_hf_to_gguf.py", "convert_hf_to_gguf", "convert-hf-to-gguf")
_LONGEST = 300
_MARK = "\ue000"
_UNBOUND = (
    "The student was held to its labels or its JSON Schema while it wrote (see `form.json`);"
    " llama.cpp is not, so check what it writes."
)


def ship(student: Path, target: Path) -> Shipped:
    """Have llama.cpp's converter write `model.gguf`, with the weights as they are.

    Raises:
        ToolError: There is no converter, or it fails.
    """
    converter = find_converter()
    command = [str(converter)]
    if not os.access(converter, os.X_OK):
        command = [sys.executable, *command]
    with tempfile.TemporaryDirectory() as place:
        copy_files(student, Path(place), leave=(*OF_THE_RUN, FORM))
        command += [place, "--outfile", str(target / WEIGHTS), "--outtype", "auto"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode or not (target / WEIGHTS).is_file():
        said = (ran.stderr.strip() or ran.stdout.strip() or "it says nothing").splitlines()[-1]
        raise ToolError(f"llama.cpp's {converter.name} has failed: {said[:_LONGEST]}")
    shutil.copyfile(student / FORM, target / FORM)
    form = Form.load(student)
    return Shipped("", notes=(_UNBOUND,) if form.labels or form.schema else ())


def prompting(student: Path) -> Json:
    """Return what a prompt for llama.cpp has before and after a text, and how long answers are.

    Raises:
        ToolError: The student is damaged.
    """
    form = Form.load(student)
    tokenizer = models.load_tokenizer(str(student), str(student), form.kind)
    before, _, after = form.prompt(tokenizer, _MARK).partition(_MARK)
    if ends(tokenizer)[0]:
        # llama.cpp puts the token that begins a text there by itself.
        before = before.removeprefix(tokenizer.bos_token)
    if form.style == "bare":
        after += tokenizer.sep_token
    return {
        "weights": WEIGHTS,
        "before": before,
        "after": after,
        "longest_completion": form.longest_completion,
    }


def find_converter() -> Path:
    """Return llama.cpp's converter: of the folder LLAMA_CPP, or else on the PATH.

    Raises:
        ToolError: There is none; the message says what to install.
    """
    folder = os.environ.get("LLAMA_CPP")
    for name in _CONVERTERS:
        if folder and (Path(folder) / name).is_file():
            return Path(folder) / name
        if found := shutil.which(name):
            return Path(found)
    raise ToolError(
        "gguf needs llama.cpp's convert_hf_to_gguf.py: install llama.cpp, and have it on the PATH"
        " or its folder in LLAMA_CPP"
    )
