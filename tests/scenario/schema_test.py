#!/usr/bin/env python3
"""The JSON Schema that `greytick schema` prints, against a validator that others wrote.

usage: schema_test.py GREYTICK, from the root of the tree
"""

import copy
import json
import random
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

GREYTICK = sys.argv.pop(1)
BAD = Path("tests/scenario/bad")
STRUCTURAL = set(Path("tests/scenario/testdata/structural.txt").read_text().split())


class Yaml12(yaml.SafeLoader):
    """Plain scalars as YAML 1.2, and so editors, read them."""

    yaml_implicit_resolvers: dict[str, Any] = {}


for tag, pattern, first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    Yaml12.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
Yaml12.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)
Yaml12.add_constructor(
    "tag:yaml.org,2002:float", lambda loader, node: float(loader.construct_scalar(node))
)


def load(path: Path) -> Any:
    """Parse the YAML file; None where it is none."""
    try:
        return yaml.load(path.read_bytes().decode(), Yaml12)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, TypeError, RecursionError):
        return None


def greytick(*arguments: str) -> str:
    """Return stdout of the program, whatever its exit code."""
    ran = subprocess.run([GREYTICK, *arguments], capture_output=True, text=True, check=False)
    return ran.stdout


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in the document, the root first."""
    out = [here]
    pairs: Any = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    for key, below in pairs:
        out += paths(below, (*here, key))
    return out


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at that place."""
    for key in path:
        value = value[key]
    return value


class Schema(unittest.TestCase):
    """What the schema accepts and refuses."""

    @classmethod
    def setUpClass(cls) -> None:
        """Print the schema once."""
        cls.schema = json.loads(greytick("schema"))
        cls.validator = Draft202012Validator(cls.schema)

    def why(self, document: Any) -> str:
        """Return the first errors; empty when it is accepted."""
        errors = sorted(self.validator.iter_errors(document), key=lambda e: list(map(str, e.path)))
        return "; ".join(f"{list(e.path)}: {e.message[:200]}" for e in errors[:3])

    def shipped(self) -> list[Path]:
        """Return every scenario of the tree, also those that others extend."""
        return sorted(Path("scenarios").glob("**/*.yaml"))

    def resolved(self, path: Path) -> Any:
        """Return the document of resolved.yaml."""
        return yaml.load(greytick("validate", str(path), "--resolved", "yaml"), Yaml12)

    def test_is_a_schema(self) -> None:
        """The draft's own schema holds."""
        Draft202012Validator.check_schema(self.schema)

    def test_accepts_what_ships_and_its_resolved_form(self) -> None:
        """Also as editors see it: with numbers and truths that are no text."""
        self.assertGreaterEqual(len(self.shipped()), 30)
        for path in self.shipped():
            document = load(path)
            if path.parent.name == "base":
                document.setdefault("scenario", "base")
            with self.subTest(path=path):
                self.assertEqual(self.why(document), "")
            if path.parent.name != "base":
                with self.subTest(resolved=path):
                    self.assertEqual(self.why(self.resolved(path)), "")

    def test_refuses_exactly_the_structural_files_of_the_bad_corpus(self) -> None:
        """A bad file is structural, no YAML at all, or wrong only as a whole."""
        refused = set()
        for path in sorted(BAD.glob("*.yaml")):
            document = load(path)
            if document is not None and self.why(document):
                refused.add(path.name)
        self.assertEqual(sorted(STRUCTURAL - refused), [], "structural, but accepted")
        self.assertEqual(sorted(refused - STRUCTURAL), [], "refused, but not listed as structural")
        self.assertGreaterEqual(len(STRUCTURAL), 60)

    def test_refuses_an_unknown_key_in_every_mapping(self) -> None:
        """Wherever names are not free."""
        free = {("network", "assign"), ("population", "regions"), ("topology", "regions")}
        document = self.resolved(Path("scenarios/flaky_mobile.yaml"))
        tried = 0
        for path in paths(document):
            if not isinstance(at(document, path), dict) or path in free:
                continue
            damaged = copy.deepcopy(document)
            at(damaged, path)["surprise"] = 1
            tried += 1
            with self.subTest(path=path):
                self.assertNotEqual(self.why(damaged), "")
        self.assertGreater(tried, 20)

    def test_accepts_whatever_the_decoder_accepts(self) -> None:
        """Random changes to what ships: what `validate` takes, the schema takes."""
        pool = [
            0, 1, 2, 3.5, "5s", "-5s", "0s", "1m 30s", "90 min", "20%", "100 %", "3/s", "1.5k/m",
            "160B", "4kB", "1 MiB", "12Mbit", "20k", "1.5M", "+7", "-0", "1e3", "-20ppm", True,
            "true", "random", "none", "full", "naive", "service", "gateways[one]", "processes[*]",
            "devices[eu][5%]", {"dist": "uniform", "low": "1s", "high": "2s"}, "uniform(1s, 2s)",
            "exponential(5s,)", "lognormal(median = 2ms, sigma=1)", {"dist": "gamma", "mean": 3,
            "cv": 1}, {"gilbert_elliott": {"to_good": "10%"}}, {"to_bad": "1%", "to_good": "9%"},
            ["no_loss"], "I9", "e2e.p99.9<3s", "e2e.max >= 1s", {"converged": {"within": "5m"}},
            {"queue_depth": {"over": 3}}, "lost", "410", 410, {"metric": "e2e.p50", "below": "9s"},
            {"kind": "gateways", "mode": "percent", "value": "5%"}, {"region": "eu"}, "real", {},
            {"p50": "3s", "p99": "9s"}, {"p10": "3B", "p75": "9B"}, {"dist": "weibull", "p50": 1,
            "p99.9": 7}, {"metric": "e2e.p50", "at_most": "9s", "abort_on_fail": True, "where":
            {"region": "eu", "from": "1s"}}, {"day": "20:30", "region_local": "false"},
            [], {"mode": "sessions"}, "sessions", ["eu"], {"eu": "eu-central-1"}, {"eu": "100%"},
        ]  # fmt: skip
        draw = random.Random(7)
        documents = [load(p) for p in self.shipped() if p.parent.name != "base"]
        documents += [self.resolved(Path(f"scenarios/{n}.yaml")) for n in ("quickstart", "churn")
                      if Path(f"scenarios/{n}.yaml").exists()]  # fmt: skip
        accepted = 0
        with tempfile.TemporaryDirectory() as folder:
            changed = {}
            for i in range(1500):
                document = copy.deepcopy(draw.choice(documents))
                path = draw.choice(paths(document)[1:])
                parent = at(document, path[:-1])
                if draw.random() < 0.1:
                    del parent[path[-1]]
                else:
                    parent[path[-1]] = draw.choice(pool)
                file = Path(folder) / f"{i}.yaml"
                file.write_text(yaml.safe_dump(document, sort_keys=False))
                changed[str(file)] = path
            told = greytick("validate", "--format", "json", *changed)
            decoder, end = json.JSONDecoder(), 0
            while end < len(told.rstrip()):
                answer, end = decoder.raw_decode(told, end)
                while end < len(told) and told[end].isspace():
                    end += 1
                if answer.get("errors") or "file" not in answer:
                    continue
                accepted += 1
                file = answer["file"]
                with self.subTest(path=changed[file]):
                    self.assertEqual(self.why(load(Path(file))), "")
        self.assertGreater(accepted, 100)


if __name__ == "__main__":
    unittest.main()
