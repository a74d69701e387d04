# SPDX-License-Identifier: Apache-2.0
"""What is measured: the workloads, and for each bench the ratio that must and the ratio that should be reached.

A ratio is ours over the yardstick's in the same round: the no-op milter behind the same Postfix (B1, B2, B3), bare gpg in as
many loops as there are CPUs (B4), the sealing module itself under other circumstances (B5, B6, B7). The bounds are a judgement
of what is worth having, not a test: a run that misses them ends well. An S behind the number: the same, signed.
"""

import dataclasses

QUICK_DIVISOR = 4
ROUNDS = 5


@dataclasses.dataclass(frozen=True)
class Workload:
    name: str
    title: str
    document_bytes: int  # 0: a text of 4 kB
    messages: int        # a run through Postfix
    sessions: int        # of smtp-source, at once
    operations: int      # a run of the sealing module alone

    def count(self, quick):
        return max(self.sessions, self.messages // QUICK_DIVISOR) if quick else self.messages

    def loops(self, quick):
        return max(4, self.operations // QUICK_DIVISOR) if quick else self.operations


WORKLOADS = (
    Workload("W1", "4 kB text", 0, 400, 8, 600),
    Workload("W2", "100 KB PDF", 100_000, 200, 8, 400),
    Workload("W3", "1 MB PDF", 1_000_000, 60, 8, 150),
    Workload("W4", "10 MB PDF", 10_000_000, 10, 4, 24),
)


@dataclasses.dataclass(frozen=True)
class Bench:
    id: str
    title: str
    unit: str
    must: tuple  # one for each workload; None: no judgement
    goal: tuple
    workloads: tuple = WORKLOADS
    better: str = "higher"
    bounded: str = "ratio"  # what `must` and `goal` bound; or "value"
    mail: bool = True       # goes through Postfix


# What is in the gateway when its memory is looked at.
IDLE = Workload("idle", "no mail", 0, 0, 0, 0)
WAITING = Workload("waiting", "50 x 25 MB", 25_000_000, 50, 50, 0)

UNJUDGED, SMALL = (None,) * len(WORKLOADS), WORKLOADS[:1]

BENCHES = (
    Bench("B1", "mail that passes / no-op milter", "msg/s", (0.80,) * 4, (0.90,) * 4),
    Bench("B2", "mail with SPF and DKIM checked / no-op milter", "msg/s", (0.85,) * 4, (0.90,) * 4),
    Bench("B3", "every mail sealed / no-op milter", "msg/s", (0.33, 0.35, 0.40, 0.50), (0.42, 0.45, 0.50, 0.60)),
    Bench("B3G", "the same, a gpg for each message / no-op milter", "msg/s", UNJUDGED, UNJUDGED),
    Bench("B3S", "every mail sealed and signed / no-op milter", "msg/s", UNJUDGED, UNJUDGED),
    Bench("B4", "sealing alone / bare gpg -e loops", "ops/s", (0.75, 0.85, 1.15, 1.4), (0.85, 1.0, 1.3, 1.7), mail=False),
    Bench("B4S", "sealing and signing alone / bare gpg -se loops", "ops/s", UNJUDGED, UNJUDGED, mail=False),
    Bench("B5", "sealing alone, eight callers a processor / one", "ops/s", (0.70,), (0.95,), SMALL, mail=False),
    Bench("B6", "sealing alone, 16 callers: 95th percentile / median", "ms", (3.0,), (1.6,), SMALL, "lower", mail=False),
    Bench("B7", "sealing alone, the last of 5000 keys / of 10", "ops/s", (0.65,), (0.90,), SMALL, mail=False),
    Bench("B8", "sealing alone, 50 of 5000 keys / bare gpg -e", "ms", (25,), (18,), SMALL, "lower", "value", mail=False),
    Bench("B9", "memory of all processes / no-op milter", "MB", (30, 96), (15, 48), (IDLE, WAITING), "lower", "value"),
)
