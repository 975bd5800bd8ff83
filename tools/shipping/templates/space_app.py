"""A page for the model in this folder.

pip install -r requirements.txt
python app.py
"""

import json
import os
from importlib import import_module
from pathlib import Path

from tools.shipping.templates.demo_page import address, build, start


def main() -> None:
    """Serve the page until it is ended."""
    folder = Path(__file__).parent
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    model = import_module("predict").Model(folder)
    blocks = build(about, model.likely)
    port = os.environ.get("GRADIO_SERVER_PORT")
    # A Space is there for all; pages elsewhere show it, too.
    at = start(blocks, address(), int(port) if port else None, origins="SPACE_ID" not in os.environ)
    print(f"at {at}", flush=True)  # noqa: T201
    blocks.block_thread()


if __name__ == "__main__":
    main()
