"""The machine that training would run on, and what fits into its memory."""

import os
from dataclasses import dataclass
from pathlib import Path

from tools.services import Json, UnfitBaseError
from tools.students import METHODS
from tools.students.base import Base
from tools.students.hub_model import free_megabytes
from tools.students.on_disk import hub_cache
from tools.students.text.memory import LIBRARIES_GB, USABLE, least_gb

# Gigabytes per thousand million weights. Full training in 32 bits keeps weights, gradients and two
# moments of each.
_GB = {"probe": 4.0, "classifier": 18.0}
_GB_OF_OTHERS = 4.0
_WRITERS = ("sft", "seq2seq")
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@dataclass(frozen=True)
class Machine:
    """Sizes in gigabytes; `gpu_gb` is 0 without a GPU, `disk_gb` the room for downloads."""

    device: str
    cores: int
    ram_gb: float
    gpu_gb: float
    disk_gb: float

    @property
    def cuda(self) -> bool:
        """Say whether there is a GPU to train on."""
        return self.device == "cuda"

    @property
    def memory_gb(self) -> float:
        """Return the memory that a model has to fit into."""
        return self.gpu_gb if self.cuda else self.ram_gb

    def holds(self, method: str, base: Base) -> bool:
        """Say whether a method can train on a base here; a base of unknown size is given a try."""
        return needed_gb(method, base, cuda=self.cuda) <= USABLE * self.memory_gb


def look() -> Machine:
    """Measure the machine that this process runs on."""
    import torch

    cuda = torch.cuda.is_available()
    gpu = torch.cuda.get_device_properties(0).total_memory / 1e9 if cuda else 0.0
    return Machine(
        device="cuda" if cuda else "cpu",
        cores=os.cpu_count() or 1,
        ram_gb=round(_ram_bytes() / 1e9, 1),
        gpu_gb=round(gpu, 1),
        disk_gb=round(free_megabytes(hub_cache()) / 1e3, 1),
    )


def needed_gb(method: str, base: Base, *, cuda: bool) -> float:
    """Estimate the memory that training takes; 0 where the size of the base is unknown.

    A method that trains adapters where full training would not fit needs room for those.
    """
    if not base.parameters:
        return 0.0
    if method in _WRITERS:
        return least_gb(base, cuda=cuda)
    return LIBRARIES_GB + base.parameters / 1e9 * _GB.get(method, _GB_OF_OTHERS)


def check_room(entry: str, base: Base) -> None:
    """Refuse to train what would not fit, before it is downloaded.

    Raises:
        UnfitBaseError: The machine that this process runs on is too small.
    """
    method = next((name for name, known in METHODS.items() if known == entry), "")
    check_fits(method, base, look())


def check_fits(method: str, base: Base, here: Machine) -> None:
    """Refuse to train what a machine has no memory for.

    Args:
        method: Name of the method; empty for one of a user's own.
        base: What it would train.
        here: The machine that training would run on.

    Raises:
        UnfitBaseError: It is too small.
    """
    if not here.holds(method, base):
        needed = needed_gb(method, base, cuda=here.cuda)
        raise UnfitBaseError(
            f"{base.name} is too large for this machine: {method or 'training'} would take about "
            f"{needed:.0f} GB of memory, and it has {here.memory_gb:.0f}; choose a smaller base"
        )


def as_json(machine: Machine) -> Json:
    """Return what `Machine(**…)` takes back."""
    return dict(vars(machine))


def _ram_bytes() -> int:
    """Return the memory of the machine, or of the container that this process is confined to."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    files = [path for name in _CGROUP_LIMITS if (path := Path(name)).is_file()]
    limits = [path.read_text("ascii").strip() for path in files]
    return min([physical, *(int(limit) for limit in limits if limit.isdigit())])
