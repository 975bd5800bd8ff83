import stat
import sys
from pathlib import Path

import pytest

from tests.tools.students.text.small import byte_tokenizer, llama, save
from tools.services import ToolError
from tools.shipping import graph
from tools.shipping.ship import FORMATS, Kind, check_format, kind_of, ship
from tools.students import METHODS
from tools.students.text.form import Form

CONVERTER = """#!{python}
import sys, pathlib
folder, options = pathlib.Path(sys.argv[1]), dict(zip(sys.argv[2::2], sys.argv[3::2]))
assert (folder / "config.json").is_file() and (folder / "model.safetensors").is_file()
{then}
"""
WRITE = 'pathlib.Path(options["--outfile"]).write_bytes(b"GGUF")'


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = byte_tokenizer()
    form = Form("causal", "plain", "Say it.", (), None, 60, 12)
    return save(llama(tokenizer), tokenizer, form, tmp_path_factory.mktemp("decoder"))


def converter(folder: Path, then: str) -> None:
    """Put a stand-in for llama.cpp's converter into a folder."""
    path = folder / "convert_hf_to_gguf.py"
    path.write_text(CONVERTER.format(python=sys.executable, then=then))
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_llama_cpp_makes_gguf(
    decoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools, out = tmp_path / "tools", tmp_path / "out"
    for folder in (tools, out):
        folder.mkdir()
    monkeypatch.delenv("LLAMA_CPP", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ToolError, match="needs llama.cpp's convert_hf_to_gguf.py: install"):
        ship(decoder, "causal", "gguf", out)
    converter(tools, WRITE)
    for variable in ("PATH", "LLAMA_CPP"):
        monkeypatch.setenv(variable, str(tools))
        shipped = ship(decoder, "causal", "gguf", out)
        assert not shipped.program
        assert (out / "model.gguf").read_bytes() == b"GGUF"
        (out / "model.gguf").unlink()
        monkeypatch.delenv(variable)
    converter(tools, 'sys.exit("no such architecture")')
    monkeypatch.setenv("LLAMA_CPP", str(tools))
    with pytest.raises(ToolError, match="has failed: no such architecture"):
        ship(decoder, "causal", "gguf", out)


def test_kinds(decoder: Path, tmp_path: Path) -> None:
    assert kind_of(decoder, METHODS["sft"]) == "causal"
    assert kind_of(tmp_path, METHODS["probe"]) == "probe"
    assert kind_of(tmp_path, METHODS["classifier"]) == "classifier"
    assert kind_of(tmp_path, "mine:Own") == "other"


@pytest.mark.parametrize(
    ("format_", "kind", "words"),
    [
        ("floppy", "probe", "does not fit a probe; choose one of safetensors, onnx, onnx-int8"),
        ("gguf", "classifier", "gguf does not fit a classifier; choose one of safetensors, onnx,"),
        ("gguf", "seq2seq", "choose one of safetensors, onnx, onnx-int8"),
        ("onnx", "other", "only its method knows how it answers"),
    ],
)
def test_what_does_not_fit(format_: str, kind: Kind, words: str) -> None:
    with pytest.raises(ToolError, match=words):
        check_format(format_, kind)


def test_what_fits() -> None:
    for format_ in FORMATS[:3]:
        check_format(format_, "seq2seq")


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph, "_PACKAGES", ("onnx", "no_such_package"))
    with pytest.raises(ToolError, match=r"no_such_package: pip install 'tasksmith\[export\]'"):
        check_format("onnx", "classifier")
