"""Derives the tables of measured access networks in scenarios/data from the UCC 5G data set.

    python3 analysis/derive_access.py ucc_5g_ping.csv.gz ucc_5g_trace.csv.gz ucc_5g_index.csv \
        scenarios/data

Writes access_quantiles.csv and access_rates.csv. The measurements (Raca et al., MMSys 2020, under
GPL-3.0) are not shipped, only these quantiles and rates.

- Round trip: mean of each burst of 5 pings, less the 64 ms of the wired path, the least there is.
- Loss: share of lost pings among bursts not lost whole, and how often such a burst has any; a
  burst lost whole is an outage, not packet loss, and is only counted.
- Stall: consecutive seconds of a download in which nothing arrived, not at a change of radio.
- Dwell: time on one radio type before another; Kaplan-Meier, since traces end in between.
- Switch gap: seconds in which nothing arrived around a change of radio type in a download.
"""

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

FLOOR_MS = 64.0
PINGS = 5
GRID = (0, 0.01, 0.05, *(i / 10 for i in range(1, 10)), 0.95, 0.98, 0.99, 0.995, 1)
# Radio types as the phone names them, by generation; others are too rare to tell of.
RADIO = {
    "5G": "5g",
    "LTE": "lte",
    "HSPA+": "hspa",
    "HSDPA": "hspa",
    "HSUPA": "hspa",
    "UMTS": "hspa",
    "EDGE": "2g",
    "GPRS": "2g",
}
PROFILES = (("5g", "static"), ("5g", "driving"), ("lte", "driving"), ("hspa", "driving"))
# Rows further apart than this are two recordings.
BREAK_S = 5


class Second(NamedTuple):
    """One second of a trace."""

    at: int
    radio: str
    down_kbps: float




def quantile(ordered: Sequence[float], q: float) -> float:
    """Value at q in [0, 1] of ascending values, straight between two of them."""
    at = q * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def kaplan_meier(lengths: Sequence[tuple[float, bool]], q: float) -> float:
    """Quantile of lengths of which some were cut off.

    Parameters
    ----------
    lengths : (length, whether its end was seen).
    q : in [0, 1].

    Returns
    -------
    float, the least length by which a share q has ended; the longest seen where none has.
    Source: Kaplan and Meier, JASA 53(282), 1958.
    """
    alive = 1.0
    ordered = sorted(lengths, key=lambda x: (x[0], not x[1]))
    ends = [length for length, ended in ordered if ended]
    if q == 0:
        return ends[0]
    for i, (length, ended) in enumerate(ordered):
        if ended:
            alive *= 1 - 1 / (len(ordered) - i)
        if 1 - alive >= q:
            return length
    return ends[-1]


def rows_of(path: str) -> Iterator[dict[str, str]]:
    """Rows of a gzipped CSV."""
    with gzip.open(path, "rt") as file:
        yield from csv.DictReader(file)


def recordings(rows: list[Second]) -> Iterator[list[Second]]:
    """Cut a trace where it pauses; one entry a second, the most of what its rows say arrived."""
    out: list[Second] = []
    for at, same in groupby(rows, key=lambda r: r.at):
        group = list(same)
        second = Second(at, group[0].radio, max(r.down_kbps for r in group))
        if out and at - out[-1].at > BREAK_S:
            yield out
            out = []
        out.append(second)
    if out:
        yield out


def silent_runs(seconds: list[Second]) -> Iterator[tuple[list[Second], bool]]:
    """Runs in which nothing arrived, and whether the radio changed during or beside them."""
    position = 0
    for silent, same in groupby(seconds, key=lambda s: s.down_kbps == 0):
        run = list(same)
        around = seconds[max(position - 1, 0) : position + len(run) + 1]
        position += len(run)
        # What the edges of a recording cut off has no length.
        if silent and len(around) == len(run) + 2:
            yield run, len({s.radio for s in around}) > 1


class Measured:
    """What the traces say, by (radio, mobility)."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.rtt_ms: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.lost: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.stalls_s: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.dwells_s: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
        self.down_kbps: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.download_s: dict[tuple[str, str], float] = defaultdict(float)
        self.gaps_s: list[float] = []

    def add_pings(self, path: str) -> None:
        """Read the bursts of pings."""
        for row in rows_of(path):
            # Only HSPA+ itself: the slower relatives have a handful of bursts.
            if row["mode"] not in ("5G", "LTE", "HSPA+"):
                continue
            key = RADIO[row["mode"]], row["mobility"]
            self.lost[key].append(float(row["ping_loss_pct"]) / 100)
            if row["ping_avg_ms"]:
                self.rtt_ms[key].append(float(row["ping_avg_ms"]) - FLOOR_MS)

    def add_recording(self, seconds: list[Second], mobility: str, download: bool) -> None:
        """Read one stretch without a pause."""
        runs = [list(same) for _, same in groupby(seconds, key=lambda s: s.radio)]
        for i, run in enumerate(runs):
            end = runs[i + 1][0].at if i + 1 < len(runs) else run[-1].at
            key = run[0].radio, mobility
            self.dwells_s[key].append((float(end - run[0].at), i + 1 < len(runs)))
        if not download:
            return
        for s in seconds:
            self.download_s[s.radio, mobility] += 1
            if s.down_kbps > 0:
                self.down_kbps[s.radio, mobility].append(s.down_kbps)
        at_switch = 0
        for silent, switching in silent_runs(seconds):
            if switching:
                self.gaps_s.append(float(len(silent)))
                at_switch += 1
            else:
                self.stalls_s[silent[0].radio, mobility].append(float(len(silent)))
        changes = sum(a.radio != b.radio for a, b in pairwise(seconds))
        self.gaps_s += [0.0] * max(0, changes - at_switch)


def read(ping: str, trace: str, index: str) -> Measured:
    """Read the three files of the data set."""
    measured = Measured()
    measured.add_pings(ping)
    with Path(index).open() as file:
        about = {row["trace"]: row for row in csv.DictReader(file)}
    traces: dict[str, list[Second]] = defaultdict(list)
    for row in rows_of(trace):
        traces[row["trace"]].append(
            Second(int(row["t_s"]), RADIO[row["mode"]], float(row["dl_kbps"]))
        )
    for name, rows in traces.items():
        for seconds in recordings(rows):
            measured.add_recording(
                seconds, about[name]["mobility"], about[name]["app"] == "download"
            )
    return measured


def write_quantiles(measured: Measured, path: Path) -> None:
    """Write one row a quantile, one column a law."""
    columns: dict[str, list[float]] = {}
    for radio, mobility in PROFILES:
        name = f"{radio}_{mobility}"
        key = radio, mobility
        columns[f"{name}_rtt_ms"] = [quantile(sorted(measured.rtt_ms[key]), q) for q in GRID]
        columns[f"{name}_stall_s"] = [quantile(sorted(measured.stalls_s[key]), q) for q in GRID]
        if mobility == "driving":
            columns[f"{name}_dwell_s"] = [kaplan_meier(measured.dwells_s[key], q) for q in GRID]
    columns["switch_gap_s"] = [quantile(sorted(measured.gaps_s), q) for q in GRID]
    with path.open("w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["q", *columns])
        for i, q in enumerate(GRID):
            out.writerow([f"{q:g}", *(f"{values[i]:.4g}" for values in columns.values())])


def write_rates(measured: Measured, path: Path) -> None:
    """Write one row a profile: how often, how much, and from how many observations."""
    with path.open("w") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(
            [
                *("profile", "bursts", "lost_whole", "loss", "bursts_with_loss"),
                *("hours", "switches_per_hour", "download_hours", "stalls_per_hour"),
                "down_kbps_median",
            ]
        )
        for radio, mobility in PROFILES:
            key = radio, mobility
            bursts = measured.lost[key]
            partly = [x for x in bursts if x < 1]
            hours = sum(length for length, _ in measured.dwells_s[key]) / 3600
            switches = sum(ended for _, ended in measured.dwells_s[key])
            download_hours = measured.download_s[key] / 3600
            out.writerow(
                [
                    f"{radio}-{mobility}",
                    len(bursts),
                    f"{1 - len(partly) / len(bursts):.4f}",
                    f"{sum(partly) / len(partly):.5f}",
                    f"{sum(x > 0 for x in partly) / len(partly):.5f}",
                    f"{hours:.2f}",
                    f"{switches / hours:.2f}",
                    f"{download_hours:.2f}",
                    f"{len(measured.stalls_s[key]) / download_hours:.1f}",
                    f"{median(measured.down_kbps[key]):.0f}",
                ]
            )


def main() -> None:
    """Read the data set, write both tables."""
    ping, trace, index, folder = sys.argv[1:5]
    measured = read(ping, trace, index)
    write_quantiles(measured, Path(folder) / "access_quantiles.csv")
    write_rates(measured, Path(folder) / "access_rates.csv")


if __name__ == "__main__":
    main()
