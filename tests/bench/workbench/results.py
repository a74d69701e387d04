# SPDX-License-Identifier: Apache-2.0
"""Rounds into medians, medians into build/bench.json (docs/bench.schema.json says what it holds) and a table."""

import json
import pathlib
import statistics

import jsonschema

SCHEMA = pathlib.Path(__file__).resolve().parents[3] / "docs" / "bench.schema.json"


class Result:
    def __init__(self, bench, workload, index):
        self.bench, self.workload = bench, workload
        self.must, self.goal = bench.must[index], bench.goal[index]
        self.ours, self.yardstick = [], []

    def ratios(self):
        return [ours / other for ours, other in zip(self.ours, self.yardstick)]

    def entry(self):
        ratios = self.ratios()
        ratio = statistics.median(ratios)
        return {
            "id": self.bench.id,
            "workload": self.workload.name,
            "value": _rounded(statistics.median(self.ours)),
            "unit": self.bench.unit,
            "better": self.bench.better,
            "bounded": self.bench.bounded,
            "baseline": _rounded(statistics.median(self.yardstick)),
            "ratio": _rounded(ratio),
            "must": self.must,
            "goal": self.goal,
            "spread": _rounded((max(ratios) - min(ratios)) / ratio),
        }


def write(results, path):
    entries = [result.entry() for result in results]
    jsonschema.validate(entries, json.loads(SCHEMA.read_text()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join("  " + json.dumps(entry) for entry in entries) + "\n]\n")
    return entries


def table(results):
    lines = [f"{'':20} {'ours':>8} {'yardstick':>10} {'ratio':>8} {'lowest':>7} {'highest':>8} {'must':>6} {'goal':>6}"]
    title = None
    for result in results:
        if result.bench.title != title:
            title = result.bench.title
            lines.append(f"{result.bench.id}  {title} ({result.bench.unit}; medians, rounds: {len(result.ours)})")
        entry, ratios = result.entry(), result.ratios()
        lines.append(f"  {entry['workload']:7} {result.workload.title:10} {entry['value']:8.4g} {entry['baseline']:10.4g} "
                     f"{entry['ratio']:8.2f} {min(ratios):7.2f} {max(ratios):8.2f} {_bound(entry['must'])} {_bound(entry['goal'])}  "
                     f"{_judgement(entry)}")
    return "\n".join(lines)


def _bound(number):
    return f"{'':6}" if number is None else f"{number:6g}"


def _judgement(entry):
    if entry["goal"] is None:
        return ""
    higher, figure = entry["better"] == "higher", entry[entry["bounded"]]
    reached = [figure >= entry[bound] if higher else figure <= entry[bound] for bound in ("goal", "must")]
    if reached[0]:
        return "goal reached"
    return "" if reached[1] else "below what must be" if higher else "above what may be"


def _rounded(number):
    return float(f"{number:.4g}")
