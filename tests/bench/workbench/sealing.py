# SPDX-License-Identifier: Apache-2.0
"""B4 to B8: the sealing module without a mail server. Beside bare gpg; beside itself with fewer callers or a smaller ring."""

import contextlib
import json
import os
import pathlib
import select
import subprocess
import time

from . import many
from .errors import CannotMeasure

RAWLOOP = pathlib.Path(__file__).resolve().parent.parent / "rawloop"
THREADS = 2
CROWD = 16                       # callers of B6
FEW, MANY, COPIES = 10, 5000, 50  # keys in a ring; recipients of B8
READY_S = 300


def cpus():
    return len(os.sched_getaffinity(0))


class Module:
    """A sealbench with one ring, kept for the whole run."""

    def __init__(self, yard, name, homedir, names, signing=()):
        folder = yard.sealing_folder() / name
        folder.mkdir(mode=0o700)
        build = yard.options.build
        argv = [build / "bench" / "sealbench", build / "khatm-sealer", "/usr/bin/gpg", homedir, folder, cpus(), names, *signing]
        self.log = yard.work / "log" / f"sealbench-{name}.log"
        with open(self.log, "wb") as log:
            self.child = subprocess.Popen([str(word) for word in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                                          text=True)
        self._line(READY_S)

    def seal(self, file, count, threads=THREADS, first=0, recipients=1):
        """Operations a second; the time that a caller waited, median and 95th percentile."""
        with contextlib.suppress(BrokenPipeError):
            print(file, count, threads, first, recipients, file=self.child.stdin, flush=True)
        return json.loads(self._line(600))

    def stop(self):
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.close()
        self.child.wait(60)

    def _line(self, seconds):
        readable, _, _ = select.select([self.child.stdout], [], [], seconds)
        line = self.child.stdout.readline() if readable else ""
        if not line:
            self.child.kill()
            raise CannotMeasure(f"sealbench: no answer, status {self.child.wait()}", self.log)
        return line


class Modules:
    """Each started when a bench first asks for it."""

    def __init__(self, yard):
        self.yard, self.open = yard, {}

    def plain(self):
        return self._get("plain", lambda: (self.yard.keys.public, self._names("plain", [self.yard.keys.fingerprint])))

    def signing(self):
        keys = self.yard.keys
        return self._get("signing", lambda: (keys.public, self._names("signing", [keys.fingerprint]), (keys.signing, keys.signer)))

    def ring(self, count):
        return self._get(f"ring-{count}", lambda: self.many(count))

    def many(self, count):
        return many.ring(self.yard.options.build / "bench", count)

    def stop(self):
        for module in self.open.values():
            module.stop()
        self.open = {}

    def _get(self, name, words):
        if name not in self.open:
            self.open[name] = Module(self.yard, name, *words())
        return self.open[name]

    def _names(self, name, fingerprints):
        path = self.yard.work / f"{name}.txt"
        path.write_text("".join(f"{fingerprint}\n" for fingerprint in fingerprints))
        return path


def measure(yard, result, yardstick_first):
    """One run of each side: (yardstick, ours), in the bench's unit."""
    sides = SIDES[result.bench.id]
    file = yard.messages[result.bench.id, result.workload.name].file
    count = result.workload.loops(yard.options.quick)
    if result.bench.id == "B6":  # both are told by one run
        run = yard.modules.plain().seal(file, count, CROWD)
        return run["median_ms"], run["p95_ms"]
    first, second = sides if yardstick_first else sides[::-1]
    figures = first(yard, file, count), second(yard, file, count)
    return figures if yardstick_first else figures[::-1]


def raw_gpg(homedir, fingerprints, file, count, jobs, signer="-"):
    """Operations a second of bare `gpg -e --armor`."""
    count -= count % jobs
    began = time.monotonic()
    run = subprocess.run([str(word) for word in (RAWLOOP, homedir, signer, file, count, jobs, *fingerprints)], capture_output=True,
                         text=True, timeout=600)
    if run.returncode != 0:
        raise CannotMeasure(f"rawloop ended with status {run.returncode}: {run.stderr.strip()[-500:]}")
    return count / (time.monotonic() - began)


def _bare(yard, file, count):
    return raw_gpg(yard.keys.public, [yard.keys.fingerprint], file, count, cpus())


def _bare_signing(yard, file, count):
    keys = yard.keys
    return raw_gpg(keys.bare_signing, [keys.fingerprint], file, count, cpus(), keys.signer)


def _bare_to_many(yard, file, count):
    homedir, names = yard.modules.many(MANY)
    lines = names.read_text().split()
    return 1000 / raw_gpg(homedir, lines[::MANY // COPIES], file, count // 4, 1)


def _plain(yard, file, count):
    return yard.modules.plain().seal(file, count)["operations_per_second"]


def _signing(yard, file, count):
    return yard.modules.signing().seal(file, count)["operations_per_second"]


def _callers(each):
    """So many callers a processor."""
    return lambda yard, file, count: yard.modules.plain().seal(file, count, cpus() * each)["operations_per_second"]


def _last_of(size):
    """To the key that lies last in a ring of this size: gpg reads all before it."""
    return lambda yard, file, count: yard.modules.ring(size).seal(file, count, first=size - 1)["operations_per_second"]


def _to_many(yard, file, count):
    return yard.modules.ring(MANY).seal(file, count // 4, 1, 0, COPIES)["median_ms"]


# Yardstick and ours.
SIDES = {
    "B4": (_bare, _plain),
    "B4S": (_bare_signing, _signing),
    "B5": (_callers(1), _callers(8)),
    "B6": (None, None),
    "B7": (_last_of(FEW), _last_of(MANY)),
    "B8": (_bare_to_many, _to_many),
}
