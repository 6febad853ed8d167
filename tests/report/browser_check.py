#!/usr/bin/env python3
"""Looks at a report in headless Chromium with the network off: browser_check.py GREYTICK [SHOTS].

A run whose scenario is hostile text is made, its report is opened in light and in dark, and each
check below must hold. Screenshots stay in the folder SHOTS when it is given. The last line is
"N passed, N failed"; exit 1 when something failed.
"""

import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

SCENARIO = """
scenario: browser_check
about: |
  Attack <script>document.documentElement.dataset.pwned = "about"</script>
  <img src="http://192.0.2.1/about.png" onerror="document.documentElement.dataset.pwned = 1">
horizon: 4m
users: 300
traffic: {messages: 20/s}
population: {presence: always_online}
record: {metrics_every: 5s}
faults:
  - {name: gone, at: 60s, for: 30s, fault: crash, target: "gateways[0]"}
  - {name: storm, at: 150s, fault: reconnect_storm}
gates: [no_loss, no_duplicate, e2e.p50 < 1ns]
"""

# Of page.css: ground, first line, fault over ground.
LIGHT = {"ground": (255, 255, 255), "line": (0x1D, 0x4E, 0xD8)}
DARK = {"ground": (0x11, 0x14, 0x18), "line": (0x7A, 0xA2, 0xFF)}


@dataclass
class Seen:
    """What a browser made of one page."""

    dom: str
    console: list[str]
    requests: list[str]  # that the page made, by address


def without_network() -> list[str]:
    """Command that runs another in a network namespace of its own, where only lo is, and is down."""
    for prefix in (["unshare", "-n"], ["unshare", "-rn"]):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    sys.exit("browser_check: unshare cannot make a network namespace here")


def browser() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    sys.exit("browser_check: no chromium; apt-get install chromium")


def look(page: Path, folder: Path, *flags: str) -> Seen:
    """Loads the page, lets five seconds of its own time pass, and returns what happened."""
    log = folder / "net.json"
    command = [
        *without_network(), browser(), "--headless", "--disable-gpu", "--hide-scrollbars",
        "--no-first-run", "--disable-component-update", "--disable-background-networking",
        "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=5000",
        f"--log-net-log={log}", f"--user-data-dir={folder / 'profile'}", *flags,
    ]  # fmt: skip
    if os.geteuid() == 0:
        command.append("--no-sandbox")  # Chromium refuses to be root with it.
    ran = subprocess.run(
        [*command, page.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    if ran.returncode != 0:
        sys.exit(f"browser_check: chromium exited {ran.returncode}\n{ran.stderr}")
    console = [line for line in ran.stderr.splitlines() if ":CONSOLE" in line]
    # The browser's own requests come from no page.
    requests = [
        event["params"]["url"]
        for event in json.loads(log.read_text())["events"]
        if event.get("params", {}).get("initiator", "not an origin") != "not an origin"
        and event["params"].get("url", "").startswith(("http", "ws", "ftp"))
    ]
    return Seen(dom=ran.stdout, console=console, requests=requests)


def pixels(path: Path) -> Counter[tuple[int, int, int]]:
    """How often each colour occurs in a PNG of 8 bits a channel without interlacing."""
    data = path.read_bytes()
    width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and kind in (2, 6), (depth, kind)
    channels = 3 if kind == 2 else 4
    body, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            body += data[at + 8 : at + 8 + length]
        at += length + 12
    raw, stride = zlib.decompress(body), width * channels
    before, found = bytearray(stride), Counter()
    for y in range(height):
        filtering = raw[y * (stride + 1)]
        row = bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for x in range(stride):
            left = row[x - channels] if x >= channels else 0
            up = before[x]
            corner = before[x - channels] if x >= channels else 0
            if filtering == 1:
                row[x] = (row[x] + left) & 255
            elif filtering == 2:
                row[x] = (row[x] + up) & 255
            elif filtering == 3:
                row[x] = (row[x] + (left + up) // 2) & 255
            elif filtering == 4:
                guess = left + up - corner
                near = min((left, up, corner), key=lambda v: abs(guess - v))
                row[x] = (row[x] + near) & 255
        for x in range(0, stride, channels):
            found[(row[x], row[x + 1], row[x + 2])] += 1
        before = row
    return found


def greytick(*arguments: str) -> None:
    ran = subprocess.run(arguments, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 3):  # The threshold is there to fail.
        sys.exit(f"browser_check: {arguments} exited {ran.returncode}\n{ran.stdout}{ran.stderr}")


def main() -> int:
    program = sys.argv[1]
    results: list[bool] = []

    def check(what: str, holds: bool, seen: object = "") -> None:
        results.append(holds)
        print(f"{'pass' if holds else 'FAIL'}  {what}{'' if holds else f': {seen}'}")

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = Path(sys.argv[2]) if len(sys.argv) > 2 else folder
        shots.mkdir(parents=True, exist_ok=True)

        # What cannot fail proves nothing: pages that do what a report must not do.
        bad = folder / "bad.html"
        bad.write_text('<img src="http://192.0.2.1/x.png"><script>nothing.here()</script>')
        seen = look(bad, folder, "--dump-dom")
        check("a request to the outside is seen", len(seen.requests) > 0, seen)
        check("an error on the console is seen", len(seen.console) > 0, seen)

        (folder / "s.yaml").write_text(SCENARIO)
        greytick(program, "run", str(folder / "s.yaml"), "--out", str(folder / "runs"), "--quiet")
        greytick(program, "report", str(folder / "runs/latest"))
        page = folder / "runs/latest/report.html"

        seen = look(page, folder, "--dump-dom", "--window-size=1300,1000")
        check("the console is silent", seen.console == [], seen.console)
        check("nothing is asked of the outside", seen.requests == [], seen.requests)
        check("every chart is drawn", 'data-charts="6"' in seen.dom, seen.dom[:300])
        check("each on a canvas", seen.dom.count("<canvas") == 6, seen.dom.count("<canvas"))
        check("no text of the scenario ran", "data-pwned" not in seen.dom.split(">", 2)[1])
        check("no text of the scenario became an element", not re.search(r"<img\b", seen.dom))
        check("its text is there to read", "Attack &lt;script&gt;" in seen.dom)
        check("a failed gate is told", "✗" in seen.dom and "e2e.p50" in seen.dom)
        check("a message is told hop by hop", "committed at position" in seen.dom)

        for theme, colours, number in (("light", LIGHT, 1), ("dark", DARK, 0)):
            shot = shots / f"report-{theme}.png"
            scheme = f"--blink-settings=preferredColorScheme={number}"
            size = "--window-size=1300,1900"
            seen = look(page, folder, f"--screenshot={shot}", size, scheme)
            found = pixels(shot)
            check(f"{theme}: the console is silent", seen.console == [], seen.console)
            ground = found[colours["ground"]] / found.total()
            check(f"{theme}: the ground has its colour", ground > 0.5, ground)
            check(f"{theme}: curves are drawn", found[colours["line"]] > 500, found.most_common(9))
        narrow = ("--window-size=420,1200", f"--screenshot={shots / 'report-narrow.png'}")
        seen = look(page, folder, *narrow)
        check("a narrow window is no error", seen.console == [], seen.console)

    failed = results.count(False)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
