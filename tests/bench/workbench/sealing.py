# SPDX-License-Identifier: Apache-2.0
"""B4: the sealing module without a mail server, beside bare gpg."""

import json
import os
import pathlib
import subprocess
import time

from .errors import CannotMeasure

RAWLOOP = pathlib.Path(__file__).resolve().parent.parent / "rawloop"
THREADS = 2


def cpus():
    return len(os.sched_getaffinity(0))


def raw_gpg(keys, file, count):
    """Operations a second of bare `gpg -e --armor`, in as many loops as there are CPUs."""
    jobs = cpus()
    count -= count % jobs
    began = time.monotonic()
    _run("rawloop", [RAWLOOP, keys.public, keys.fingerprint, file, count, jobs])
    return count / (time.monotonic() - began)


def module(yard, file, count):
    """Operations a second of sealer_seal, called from two threads, a slot for each CPU."""
    build, keys = yard.options.build, yard.keys
    programs = [build / "bench" / "sealbench", build / "khatm-sealer", "/usr/bin/gpg"]
    out = _run("sealbench", [*programs, keys.public, yard.sealing_folder(), keys.fingerprint, file, count, THREADS, cpus()])
    return json.loads(out)["operations_per_second"]


def _run(name, argv):
    run = subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=600)
    if run.returncode != 0:
        raise CannotMeasure(f"{name} ended with status {run.returncode}: {run.stderr.strip()[-500:]}")
    return run.stdout
