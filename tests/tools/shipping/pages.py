"""A program that serves two pages, the second behind a login, until its input ends.

It prints their addresses as JSON. A process of its own, as it is for users: what Gradio leaves open
when it ends would be warnings, and so errors, within a test.
"""

import json
import sys

from tests.tools.shipping.told import ABOUT, likely, shout

LOGIN = ("tasksmith", "secret")


def main() -> None:
    """Serve them."""
    from tools.shipping.templates.demo_page import build, start

    texts = ABOUT | {"kind": "text", "labels": [], "examples": []}
    addresses = [
        start(build(ABOUT, likely), "127.0.0.1", None).rstrip("/"),
        start(build(texts, shout), "127.0.0.1", None, auth=LOGIN).rstrip("/"),
    ]
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
