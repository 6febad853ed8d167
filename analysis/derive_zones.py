"""Derives scenarios/data/ibm_zones_rtt_ms.csv, round trips between availability zones.

    python3 analysis/derive_zones.py REGIONS.csv ZONES.csv > scenarios/data/ibm_zones_rtt_ms.csv

REGIONS.csv: square matrix of mean round trips between regions, ms, names in the first row and
column. ZONES.csv: columns region, from_zone, to_zone, rtt_avg_ms, within and between the zones of
each region. Both are IBM Cloud's published figures (docs/third-party.md).

The result is one square matrix over zones, the mean of both directions: measured zone by zone
inside a region; between regions the regions' figure stands for each pair of their zones, for want
of a finer one.
"""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path


def read_square(lines: Iterable[str]) -> dict[tuple[str, str], float]:
    """Read a square matrix.

    Parameters
    ----------
    lines : CSV; the header names the columns after a first cell, each row begins with its name.

    Returns
    -------
    dict, (row, column) to ms; empty cells are absent.
    """
    rows = csv.reader(lines)
    header = next(rows)[1:]
    return {
        (row[0], column): float(cell)
        for row in rows
        for column, cell in zip(header, row[1:], strict=True)
        if cell
    }


def symmetric(pairs: dict[tuple[str, str], float], a: str, b: str) -> float:
    """Mean of both directions, ms. KeyError where a direction was not measured."""
    return (pairs[a, b] + pairs[b, a]) / 2


def main() -> None:
    """Print the matrix."""
    with Path(sys.argv[1]).open() as file:
        regions = read_square(file)
    region_of: dict[str, str] = {}
    zones: dict[tuple[str, str], float] = {}
    with Path(sys.argv[2]).open() as file:
        for row in csv.DictReader(file):
            region_of[row["from_zone"]] = row["region"]
            zones[row["from_zone"], row["to_zone"]] = float(row["rtt_avg_ms"])
    names = sorted(region_of)
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["from_zone", *names])
    for a in names:
        cells = [
            f"{symmetric(zones, a, b):.3f}"
            if region_of[a] == region_of[b]
            else f"{symmetric(regions, region_of[a], region_of[b]):.1f}"
            for b in names
        ]
        out.writerow([a, *cells])


if __name__ == "__main__":
    main()
