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
            yardstick, ours = _both(yard, result, number % 2)
            result.yardstick.append(yardstick)
            result.ours.append(ours)
            if result.bench.mail:
                _check(yard, result)
            yard.processes.check()
            say(f"round {number}  {_line(result)}")
    for result in results:
        if result.bench.id == "B9":
            held = _look_at_memory(yard, result)
            say(f"{_line(result)}: {held}")
    return results


def _line(result):
    return (f"{result.bench.id} {result.workload.name:7} {result.ours[-1]:8.4g} beside {result.yardstick[-1]:8.4g} "
            f"{result.bench.unit}  {result.ratios()[-1]:.2f}")


def _look_at_memory(yard, result):
    """What ours hold, program by program."""
    for side, figures in ((NOOP, result.yardstick), (OURS, result.ours)):
        pid = yard.pid(side)
        held = memory.waiting(yard, side, pid) if result.workload is WAITING else memory.idle(pid)
        figures.append(held.mb)
    yard.processes.check()
    return held


def _both(yard, result, yardstick_first):
    """One run of one workload on both sides: (yardstick, ours)."""
    if not result.bench.mail:
        return sealing.measure(yard, result, yardstick_first)
    workload = result.workload
    letter, count, figures = yard.messages[result.bench.id, workload.name], workload.count(yard.options.quick), {}
    for side in (NOOP, OURS) if yardstick_first else (OURS, NOOP):
        figures[side] = count / yard.postfix.send(entry(side, result.bench.id), letter, count, workload.sessions)
    return figures[NOOP], figures[OURS]


def _warm_up(yard, result):
    """Processes started, pages read, keys cached: not measured."""
    letter, sessions = yard.messages[result.bench.id, result.workload.name], result.workload.sessions
    for side in (NOOP, OURS) if result.bench.mail else ():
        yard.postfix.send(entry(side, result.bench.id), letter, sessions, sessions)


def _check(yard, result):
    """One message more, caught at the far end and looked at."""
    letter = yard.messages[result.bench.id, result.workload.name]
    raw, original = yard.postfix.catch(entry(OURS, result.bench.id), letter), letter.file.read_bytes()
    if result.bench.id in ("B3", "B3G", "B3S") and not yard.options.noise:
        checks.sealed(raw, original, yard.keys, result.bench.id == "B3S")
    elif result.bench.id == "B2":
        checks.authenticated(raw, original)
    else:
        checks.unchanged(raw, original)
