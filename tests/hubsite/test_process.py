import subprocess
import sys
from pathlib import Path

import httpx2

ROOT = Path(__file__).parents[2]


def test_a_process_of_its_own_ends_with_its_parent(shared: Path) -> None:
    catalogue = str(shared / "catalogue")
    args = ["--datasets", catalogue, "--fault", "503:1@search=broken", "--no-viewer"]
    command = [sys.executable, "-m", "tests.hubsite", *args]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        answer = httpx2.get(f"{url}/api/datasets", params={"filter": "language:ja"})
        assert {item["id"] for item in answer.json()} >= {"SkelterLabsInc/JaQuAD"}
        assert httpx2.get(f"{url}/api/datasets?search=broken").status_code == 503
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_the_real_hub_is_out_of_reach() -> None:
    from huggingface_hub import constants

    assert constants.ENDPOINT.startswith("http://127.0.0.1:")
    assert constants.HF_HUB_DISABLE_XET
    assert not Path(constants.HF_TOKEN_PATH).exists()
    try:
        httpx2.get(constants.ENDPOINT)
    except httpx2.ConnectError:
        return
    raise AssertionError("somebody answers where no site is")
