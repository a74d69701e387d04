# SPDX-License-Identifier: Apache-2.0
"""The command line of the bench."""

import argparse
import os
import pathlib
import shutil
import signal
import sys
import time

from . import plan, results, rounds, where
from .errors import EX_NOPERM, EX_USAGE, CannotMeasure
from .yard import Yard

ABOUT = """\
Measures Khatm beside a yardstick in the same run, in interleaved rounds, and writes the ratios. The absolute
figures say how fast this machine is; nothing is passed or failed by them. Ends with 0 when it could measure.
docs/performance.md explains the benches."""

NEEDED = {"postfix": "postfix", "smtp-source": "postfix", "smtp-sink": "postfix", "gpg": "gnupg", "setpriv": "util-linux",
          "nsd": "nsd"}


def main(words):
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    os.environ["LC_ALL"] = "C"
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        options = _parser().parse_args(words)
        _refuse_early()
        if options.where:
            return _show_where(options)
        measured = _measure(options)
    except CannotMeasure as error:
        say(error)
        if error.log_tail:
            print(error.log_tail, file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    if not options.noise:
        results.write(measured, options.output)
        say(f"wrote {options.output}")
    print(results.table(measured))
    return 0


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def _measure(options):
    benches = _chosen(options)
    began = time.monotonic()
    load = os.getloadavg()[0]
    if load > 0.5:
        say(f"this machine is busy (load average {load:.1f}): single rounds will be far off, and medians somewhat")
    with Yard(options, benches) as yard:
        say(f"ready after {time.monotonic() - began:.0f} s; {options.rounds} rounds")
        measured = rounds.measure(yard, benches, say)
    say(f"took {time.monotonic() - began:.0f} s")
    return measured


def _show_where(options):
    benches = [bench for bench in _chosen(options) if bench.id in ("B1", "B2", "B3", "B3G", "B3S")]
    with Yard(options, benches) as yard:
        print(where.table(yard, benches, say))
    return 0


def _chosen(options):
    wanted = (options.only or "").split(",") if options.only else [bench.id for bench in plan.BENCHES]
    if options.noise:
        wanted = ["B1"]
    benches = [bench for bench in plan.BENCHES if bench.id in wanted]
    if len(benches) != len(wanted):
        raise CannotMeasure(f"--only {options.only}: there are {', '.join(bench.id for bench in plan.BENCHES)}", status=EX_USAGE)
    return benches


def _parser():
    parser = argparse.ArgumentParser(prog="bench", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=_folder, default=_folder("build"), help="where the programs are (build)")
    parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("build/bench.json"), help="(build/bench.json)")
    parser.add_argument("--rounds", type=int, default=plan.ROUNDS, help=f"interleaved rounds ({plan.ROUNDS})")
    parser.add_argument("--quick", action="store_true", help="fewer messages a round: for development, noisier")
    parser.add_argument("--only", metavar="B1,B2,…", help="only these benches")
    parser.add_argument("--noise", action="store_true", help="the no-op milter against itself: what a difference must exceed")
    parser.add_argument("--where", action="store_true", help="instead: processor time a message of each program (B1, B2, B3, B3G, B3S)")
    parser.add_argument("--keep", action="store_true", help="leave the working folder behind")
    return parser


def _folder(text):
    return pathlib.Path(text).resolve()


def _refuse_early():
    if os.geteuid() != 0:
        raise CannotMeasure("needs root: a private Postfix changes users", status=EX_NOPERM)
    absent = sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
    if absent:
        raise CannotMeasure(f"missing: apt-get install -y --no-install-recommends {' '.join(absent)}")
