"""Turns the group chat of the IRC disentanglement corpus into scenarios/data/irc_group.csv.

    python3 analysis/derive_group_trace.py ubuntu_irc_group.csv.gz > scenarios/data/irc_group.csv

Reads the columns chunk, minute (from 0:00 of the chunk's first day), user (numbered within the
chunk), chars and utf8_bytes of each line; nicknames and text were removed before. Writes
window,minute,user,bytes: windows numbered in file order, lines in file order, everything else as it
was. A window is one group; where inside its minute a line was said is not known.
"""

import csv
import gzip
import sys


def main() -> None:
    """Print the trace."""
    numbers: dict[str, int] = {}
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["window", "minute", "user", "bytes"])
    with gzip.open(sys.argv[1], "rt") as file:
        for row in csv.DictReader(file):
            if row["kind"] != "msg":
                continue
            window = numbers.setdefault(row["chunk"], len(numbers))
            out.writerow([window, row["minute"], row["user"], row["utf8_bytes"]])


if __name__ == "__main__":
    main()
