# SPDX-License-Identifier: Apache-2.0
"""The measuring itself. A round runs every workload on both sides, now one first and now the other, so that what the machine
does besides (or a disk that fills, or a clock that throttles) falls on both."""

from . import checks, memory, sealing
from .plan import WAITING
from .results import Result
from .yard import NOOP, OURS, entry


def measure(yard, benches, say):
    results = [Result(bench, workload, index) for bench in benches for index, workload in enumerate(bench.workloads)]
    fast = [result for result in results if result.bench.id != "B9"]
    for result in fast:
        _warm_up(yard, result)
    for number in range(1, yard.options.rounds + 1):
        for result in fast:
            sides = [(NOOP, result.yardstick), (OURS, result.ours)]
            for side, figures in sides if number % 2 else reversed(sides):
                figures.append(_one(yard, result, side))
            if result.bench.id != "B4":
                _check(yard, result)
            yard.processes.check()
            say(f"round {number}  {_line(result)}")
    for result in results:
        if result.bench.id == "B9":
            _look_at_memory(yard, result)
            say(_line(result))
    return results


def _line(result):
    return (f"{result.bench.id} {result.workload.name:7} {result.ours[-1]:8.4g} beside {result.yardstick[-1]:8.4g} "
            f"{result.bench.unit}  {result.ratios()[-1]:.2f}")


def _look_at_memory(yard, result):
    for side, figures in ((NOOP, result.yardstick), (OURS, result.ours)):
        pid = yard.pid(side)
        figures.append(memory.waiting(yard, side, pid) if result.workload is WAITING else memory.idle(pid))
    yard.processes.check()


def _one(yard, result, side):
    """One run of one workload on one side: how many a second."""
    workload, quick = result.workload, yard.options.quick
    letter = yard.messages[result.bench.id, workload.name]
    if result.bench.id == "B4":
        count = workload.loops(quick)
        return sealing.raw_gpg(yard.keys, letter.file, count) if side == NOOP else sealing.module(yard, letter.file, count)
    count = workload.count(quick)
    return count / yard.postfix.send(entry(side, result.bench.id), letter, count, workload.sessions)


def _warm_up(yard, result):
    """Processes started, pages read, keys cached: not measured."""
    letter, sessions = yard.messages[result.bench.id, result.workload.name], result.workload.sessions
    for side in (NOOP, OURS) if result.bench.id != "B4" else ():
        yard.postfix.send(entry(side, result.bench.id), letter, sessions, sessions)


def _check(yard, result):
    """One message more, caught at the far end and looked at."""
    letter = yard.messages[result.bench.id, result.workload.name]
    raw, original = yard.postfix.catch(entry(OURS, result.bench.id), letter), letter.file.read_bytes()
    if result.bench.id == "B3" and not yard.options.noise:
        checks.sealed(raw, original, yard.keys)
    elif result.bench.id == "B2":
        checks.authenticated(raw, original)
    else:
        checks.unchanged(raw, original)
