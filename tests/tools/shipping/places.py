"""What must not be in anything that leaves this machine."""

from pathlib import Path

import torch

from tools import __file__ as ours

HERE = (str(Path(ours).parents[1]), str(Path(str(torch.__file__)).parents[1]), str(Path.home()))


def tells_of_this_machine(folder: Path, *more: Path) -> list[str]:
    """The files in a folder that hold a path of this machine."""
    paths = [*HERE, *map(str, more)]
    return [
        file.name
        for file in folder.rglob("*")
        if file.is_file() and any(path.encode() in file.read_bytes() for path in paths)
    ]
