#!/usr/bin/env python3
"""docs/figures/backoff_policies.svg and docs/backoff.md show what the table beside them holds.

usage: figure_test.py, from the root of the tree
"""

import csv
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FIGURES = Path("docs/figures")
TABLE = FIGURES / "backoff_policies.csv"


class Figure(unittest.TestCase):
    """Neither drawing nor prose has numbers of its own."""

    def test_the_drawing_is_that_of_the_table(self) -> None:
        """Draw it again."""
        with tempfile.TemporaryDirectory() as folder:
            drawn = Path(folder) / "again.svg"
            command = [sys.executable, "-B", "analysis/backoff_figure.py", str(TABLE), str(drawn)]
            subprocess.run(command, check=True)
            self.assertEqual(
                drawn.read_text(), (FIGURES / "backoff_policies.svg").read_text(encoding="utf-8")
            )

    def test_the_page_has_the_rows_of_the_table(self) -> None:
        """Time and peaks, as the page rounds them."""
        page = Path("docs/backoff.md").read_text(encoding="utf-8")
        with TABLE.open(newline="") as table:
            rows = list(csv.DictReader(table))
        self.assertEqual(len(rows), 8)
        for row in rows:
            back = float(row["reconnected_in during service"]) / 1e9
            peak = float(row["attempts.rate during service plus 1m"])
            logins = float(row["logins.rate during service plus 1m"])
            line = f"| {row['client.backoff.jitter']} | {row['client.backoff.initial_spread']} | {back:.1f} s ±"
            with self.subTest(row=line):
                self.assertIn(line, page)
                self.assertIn(f"| {peak:,.0f}/s | {logins:,.0f}/s |", page)


if __name__ == "__main__":
    unittest.main()
