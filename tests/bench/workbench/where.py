# SPDX-License-Identifier: Apache-2.0
"""Where the time goes: processor milliseconds a message of each program, with either milter.

It counts what our own processes used, so it says nearly the same on a busy machine as on an idle one."""

import os
import pathlib

from .yard import NOOP, OURS, entry

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def table(yard, benches):
    lines, khatm, noop = [], {}, {}
    for bench in benches:
        lines.append(f"{bench.id}  {bench.title}: processor ms a message")
        for workload in bench.workloads:
            used = {side: _used(yard, bench, workload, side) for side in (NOOP, OURS)}
            totals = {side: sum(parts.values()) for side, parts in used.items()}
            for side, parts in used.items():
                shown = "  ".join(f"{name} {ms:.2f}" for name, ms in parts.items() if ms > totals[side] / 200)
                lines.append(f"  {workload.name} {side:10} {totals[side]:8.2f} = {shown}")
            lines.append(f"  {workload.name} {'ratio':10} {totals[NOOP] / totals[OURS]:8.2f}")
            khatm[bench.id, workload.name] = sum(ms for name, ms in used[OURS].items() if name.startswith("khatm"))
            noop[bench.id, workload.name] = totals[NOOP]
    return "\n".join(lines + _added(khatm, noop))


def _added(khatm, noop):
    """What B2 has and B1 has not, by itself: the processor time of Khatm's programs on the same mail with it, less that without."""
    names = [name for bench, name in noop if bench == "B2" and ("B1", name) in noop]
    if not names:
        return []
    lines = ["SPF, DKIM and alignment alone: what they add, and the no-op milter / the no-op milter and that"]
    for name in names:
        added = khatm["B2", name] - khatm["B1", name]
        lines.append(f"  {name} {added:8.2f} ms {noop['B2', name] / (noop['B2', name] + added):8.2f}")
    return lines


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
