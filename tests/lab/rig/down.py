# SPDX-License-Identifier: Apache-2.0
"""Stop a lab: exactly the processes it recorded, then its mounts."""

import shutil
from pathlib import Path

from . import keys, layout as layouts, names
from .mta import Mta


def run(directory, purge):
    layout, _state = layouts.load(directory)
    stop(layout)
    if purge:
        for name in layouts.OURS:
            path = Path(layout.directory, name)
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def stop(layout):
    """The way mail flows, so that nobody is left talking to nobody."""
    Mta(layout, "interieur", "postfix", names.OWN_HOST).stop()
    Mta(layout, "finances", "peer/postfix", names.PEER_HOST).stop()
    layout.processes.stop()
    if layouts.holds(layout):
        keys.stop_agents(layout.path("peer", "gnupg"), layout.path("peer", "gnupg-interieur"), layout.path("khatm"), layout.path("peer", "khatm"),
                         layout.path("authority", "gnupg"))
        layouts.release(layout)
