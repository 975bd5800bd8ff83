import json
from pathlib import Path

from tests.tools.students.text.small import byte_tokenizer, llama
from tools.students.text.models import write


def test_of_how_a_base_writes_only_its_tokens_stay(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    model = llama(tokenizer)
    model.generation_config.update(
        repetition_penalty=1.3, do_sample=True, top_p=0.8, eos_token_id=[1, 3]
    )
    write(model, tokenizer, tmp_path, half=False)
    kept = json.loads((tmp_path / "generation_config.json").read_text(encoding="utf-8"))
    kept.pop("transformers_version")
    assert kept.pop("eos_token_id") == [1, 3]
    assert all("token_id" in name or value is None for name, value in kept.items()), kept
