# SPDX-License-Identifier: Apache-2.0
"""Where the time goes: processor milliseconds a message of each program, with either milter.

It counts what our own processes used, so it says nearly the same on a busy machine as on an idle one, and is the median of the rounds."""

import os
import pathlib
import statistics

from .yard import NOOP, OURS, entry

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def table(yard, benches, say):
    """Medians of the rounds, program by program."""
    rounds = []
    for number in range(1, yard.options.rounds + 1):
        rounds.append({(bench.id, workload.name, side): _used(yard, bench, workload, side)
                       for bench in benches for workload in bench.workloads for side in (NOOP, OURS)})
        say(f"round {number} of {yard.options.rounds}")
    lines = []
    for bench in benches:
        lines.append(f"{bench.id}  {bench.title}: processor ms a message")
        for workload in bench.workloads:
            for side in (NOOP, OURS):
                lines.append(f"  {workload.name} {side:10} {_parts(rounds, (bench.id, workload.name, side))}")
            ratio = _median(_total(one, bench.id, workload, NOOP) / _total(one, bench.id, workload, OURS) for one in rounds)
            lines.append(f"  {workload.name} {'ratio':10} {ratio:8.2f}")
    return "\n".join(lines + _added(rounds, benches))


def _parts(rounds, key):
    names = dict.fromkeys(name for one in rounds for name in one[key])
    total = _median(sum(one[key].values()) for one in rounds)
    parts = {name: _median(one[key].get(name, 0) for one in rounds) for name in names}
    return f"{total:8.2f} = " + "  ".join(f"{name} {ms:.2f}" for name, ms in parts.items() if ms > total / 200)


def _total(one, bench, workload, side):
    return sum(one[bench, workload.name, side].values())


def _added(rounds, benches):
    """What B2 has and B1 has not, by itself: the authenticator, and what khatmd uses more than for the same mail without."""
    both = {bench.id: bench for bench in benches if bench.id in ("B1", "B2")}
    if len(both) < 2:
        return []
    lines = ["SPF, DKIM and alignment alone: what they add, and the no-op milter / the no-op milter and that"]
    for workload in both["B2"].workloads:
        added = [_authentication(one["B2", workload.name, OURS], one["B1", workload.name, OURS]) for one in rounds]
        noop = [_total(one, "B2", workload, NOOP) for one in rounds]
        ratio = _median(without / (without + ms) for without, ms in zip(noop, added))
        lines.append(f"  {workload.name} {_median(added):8.2f} ms {ratio:8.2f}")
    return lines


def _authentication(with_it, without):
    return sum(ms for name, ms in with_it.items() if name.startswith("khatm-auth")) + with_it["khatmd"] - without["khatmd"]


def _median(values):
    return statistics.median(values)


def _used(yard, bench, workload, side):
    letter, name = yard.messages[bench.id, workload.name], entry(side, bench.id)
    yard.postfix.send(name, letter, workload.sessions, workload.sessions)
    before = _now(yard)
    yard.postfix.send(name, letter, workload.messages, workload.sessions)
    return {name: (ms - before.get(name, 0)) / workload.messages for name, ms in _now(yard).items()}


def _now(yard):
    """Program: what it has used since it was started, milliseconds."""
    used = {"smtp-source": (os.times().children_user + os.times().children_system) * 1000}
    for name, child in yard.processes.children:
        used[name] = _own(child.pid)
        for helper in _children(child.pid):
            used[_name(helper)] = used.get(_name(helper), 0) + _with_all_below(helper)
    used["postfix"] = _with_all_below(int((yard.postfix.queue / "pid" / "master.pid").read_text()))
    return used


def _with_all_below(pid):
    return _own(pid, 4) + sum(_with_all_below(child) for child in _children(pid))


def _own(pid, fields=2):
    """utime and stime; with 4 fields also those of the children that were waited for."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, stat[11:11 + fields])) * TICK_MS


def _children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except OSError:
            continue
    return found


def _name(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return "gone"
