# SPDX-License-Identifier: Apache-2.0
"""Where everything of one lab lies, and the block of loopback addresses it holds.

The lab's folder is seen under two names: DIR, as the caller gave it, and /run/khatm-lab/127.X.Y, a bind mount. The
second is short (a unix socket's path has 107 bytes) and every user may pass through it, which cannot be said of a folder
made by mktemp. Daemons are given the second, people the first.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import socket
import subprocess
from pathlib import Path

from . import names
from .errors import LabError
from .processes import Processes

BLOCKS = Path("/run/khatm-lab")
TRIES = 64
FIRST_PORT6, GROUPS6 = 10240, 7500  # three ports a lab, below those that the kernel hands out
# All that a lab makes in its folder; the first says that the rest is a lab's and may be overwritten.
OURS = (".khatm-lab", "env", "etc", "bin", "dns", "tls", "home", "mailbox", "liste", "sink", "khatm", "journal", "postfix",
        "sendmail", "peer", "authority", "dovecot", "log", "run")


class Layout:
    """The paths of a lab. `root` is the bind mount; it is only valid while the lab holds its block."""

    def __init__(self, directory, block):
        self.directory = Path(directory)
        self.block = block
        self.root = BLOCKS / block
        self.processes = Processes(self.directory / "run" / "processes")

    def address(self, host):
        return f"{self.block}.{host}"

    def path(self, *parts):
        return self.root.joinpath(*parts)

    def outside(self, path):
        """The same file under the name that outlives the lab."""
        return self.directory / path.relative_to(self.root)

    def log(self, name):
        return self.directory / "log" / name

    def ports6(self):
        """Three ports on ::1, which all labs share: the same at each call until somebody listens there."""
        _, high, low = self.block.split(".")
        for step in range(TRIES):
            start = FIRST_PORT6 + (int(high) * 254 + int(low) + step * 79) % GROUPS6 * 3
            ports = (start, start + 1, start + 2)
            if all(_is_free("::1", port) for port in ports):
                return ports
        raise LabError("no free ports on ::1")

    def save(self, **state):
        state["block"] = self.block
        (self.directory / "run" / "state.json").write_text(json.dumps(state))


def load(directory):
    """The lab that lives in this folder and the choices it was started with."""
    directory = Path(directory).resolve()
    try:
        state = json.loads((directory / "run" / "state.json").read_text())
    except (OSError, ValueError) as error:
        raise LabError(f"{directory}: no lab was started here (run/state.json is missing)") from error
    return Layout(directory, state["block"]), state


def create(directory):
    """Take a block for this folder and make the folder ready. A lab that was taken down here before is overwritten."""
    directory = Path(directory).resolve()
    if (directory / "run" / "state.json").exists() and Processes(directory / "run" / "processes").alive():
        raise LabError(f"{directory}: a lab is running here; take it down first: lab down {directory}")
    _refuse_strangers(directory)
    with contextlib.suppress(LabError):
        release(load(directory)[0])
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    subprocess.run(["rm", "-rf", "--one-file-system", *(directory / old for old in OURS)], check=True)
    (directory / OURS[0]).touch()
    for fresh in ("etc", "bin", "log", "run"):
        (directory / fresh).mkdir()
    block = _take_block(directory)
    layout = Layout(directory, block)
    layout.save()
    return layout


def holds(layout):
    """Whether the block is still this lab's: another one may have been given it since."""
    owner = BLOCKS / (layout.block + ".owner")
    return owner.exists() and owner.read_text() == str(layout.directory)


def release(layout):
    """Unmount what the lab mounted and give the block back. Safe to call twice."""
    with _blocks_locked():
        if not holds(layout):
            return
        _unmount_below(layout.root)
        (BLOCKS / (layout.block + ".owner")).unlink()
        with contextlib.suppress(OSError):
            layout.root.rmdir()


def memory_folder(path, uid, size):
    """A tmpfs for one unprivileged user: what lies there is never written to disk."""
    own_folder(path, uid)
    options = f"size={size},mode=0700,uid={uid},gid={uid},nosuid,nodev,noexec"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "khatm-lab", path], check=True)


def own_folder(path, uid, gid=None, mode=0o700):
    """A folder that belongs to one unprivileged user."""
    path.mkdir(parents=True, exist_ok=True)
    os.chown(path, uid, uid if gid is None else gid)
    path.chmod(mode)
    return path


@contextlib.contextmanager
def _blocks_locked():
    BLOCKS.mkdir(mode=0o755, parents=True, exist_ok=True)
    with open(BLOCKS / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_strangers(directory):
    taken = [name for name in OURS if (directory / name).exists()]
    if taken and OURS[0] not in taken:
        raise LabError(f"{directory}: {taken[0]} is there already and no lab made it; give a folder of its own")


def _take_block(directory):
    seed = hashlib.sha256(str(directory).encode()).digest()
    start = int.from_bytes(seed[:4], "big")
    with _blocks_locked():
        for step in range(TRIES):
            number = (start + step * 7919) % (128 * 254)
            block = f"127.{64 + number // 254}.{1 + number % 254}"
            if _claim(block, directory):
                return block
    raise LabError(f"no free block of loopback addresses after {TRIES} tries; see {BLOCKS} and take old labs down")


def _claim(block, directory):
    owner = BLOCKS / (block + ".owner")
    root = BLOCKS / block
    if owner.exists():
        holder = Path(owner.read_text())
        if holder != directory and Processes(holder / "run" / "processes").alive():
            return False
        _unmount_below(root)
    if not _answers_nowhere(block):
        return False
    owner.write_text(str(directory))
    root.mkdir(exist_ok=True)
    subprocess.run(["mount", "--bind", directory, root], check=True)
    return True


def _answers_nowhere(block):
    """Another lab may hold the block without our seeing its lock, from inside a chroot for instance."""
    for host in sorted({names.DNS_HOST, *names.MX_HOST.values()}):
        if not _is_free(f"{block}.{host}", 53 if host == names.DNS_HOST else 25):
            return False
    return True


def _is_free(address, port):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _unmount_below(path):
    """Everything mounted on or under a path, innermost first."""
    with open("/proc/self/mountinfo") as mounts:
        points = [line.split()[4].encode().decode("unicode_escape") for line in mounts]
    inside = [point for point in points if point == str(path) or point.startswith(str(path) + "/")]
    for point in sorted(inside, key=len, reverse=True):
        subprocess.run(["umount", "-l", point], check=False, stderr=subprocess.DEVNULL)
