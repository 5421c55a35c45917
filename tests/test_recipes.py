"""The recipes of CONTRIBUTING.md, each done as it stands there in a copy of the repository, and then used.

The copy's own tests look at what the recipes added: `tests/recipes.py`, and those that run over the registries.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import textwrap
from xml.etree import ElementTree

import pytest

from benchmarks.harness import ROOT

pytestmark = pytest.mark.slow

DOCUMENTS = ("CONTRIBUTING.md", "docs/A_KIND_OF_TARGET.md")
HOUSE = ("app.py", "home.py", "pages", "gan_core", "benchmarks", "tests", "pyproject.toml", ".streamlit")
BLOCK = re.compile(r"^```(?:python|toml|markdown)\n# (?P<where>.+)\n(?P<code>[\s\S]*?)^```$", re.MULTILINE)
PLACE = re.compile(r"(?P<path>[^\s,]+)(?:, (?P<how>before the line:|after the line:|before|in) (?P<what>\S.*))?")

# the copy's tests, and what their names have to hold to be about something new
CHECKS = {
    "tests/recipes.py": "",
    "tests/gan_core/test_distributions.py": "triangle",
    "tests/gan_core/test_evaluation.py": "triangle",
    "tests/gan_core/test_push_forward.py": "triangle",
    "tests/gan_core/test_losses.py": "donsker",
    "tests/gan_core/test_slopes.py": "donsker",
    "tests/gan_core/test_one_step.py": "donsker",
    "tests/gan_core/test_training.py": "donsker or triangle",
    "tests/gan_core/test_presets.py": "triangle",
    "tests/test_layers.py": "space or law",
    "tests/pages/test_controls.py": "every_setting",
    "tests/pages/test_pages.py": "untranslated or triangle",
    "tests/pages/test_live_pages.py": "triangle",
}


def blocks():
    """(place, code) of every block that says where it goes."""
    found = [m for name in DOCUMENTS for m in BLOCK.finditer((ROOT / name).read_text("utf-8"))]
    return [(PLACE.fullmatch(m["where"]), m["code"]) for m in found]


def spot(source, how, what):
    """Where something goes: its line, the columns left of it there, and how far it is indented."""
    lines = source.splitlines()
    if how.endswith("the line:"):
        line = next(i for i, text in enumerate(lines) if text.strip().startswith(what))
        line += how.startswith("after")
        return line, "", re.match(" *", lines[line])[0]
    what, _, key = what.removesuffix('"]').partition('["')
    for node in ast.parse(source).body:
        names = [getattr(t, "id", "") for t in getattr(node, "targets", [getattr(node, "target", None)])]
        if what not in (*names, getattr(node, "name", "")):
            continue
        if how == "before":
            return node.lineno - 1, "", ""
        if isinstance(node, ast.ClassDef):
            method = next(n for n in node.body if isinstance(n, ast.FunctionDef))
            return min([method, *method.decorator_list], key=lambda n: n.lineno).lineno - 1, "", "    "
        value = node.value.generators[0].iter if isinstance(node.value, ast.DictComp) else node.value
        if key:
            value = next(v for k, v in zip(value.keys, value.values, strict=True) if k.value == key)
        line = value.end_lineno - 1
        return line, lines[line].encode()[: value.end_col_offset - 1].decode(), "    "
    raise AssertionError(f"there is no {what}")


def put(source, place, code):
    """The source with the code where its block says."""
    if place["how"] is None:
        return f"{source}\n\n{code}" if source else code
    line, left, indent = spot(source, place["how"], place["what"])
    lines = source.splitlines()
    right = lines[line][len(left) :]
    if left.strip() and not left.rstrip().endswith((",", "(", "{")):
        left += ","  # the registry ends without one
    return "\n".join([*lines[:line], left, textwrap.indent(code, indent), right, *lines[line + 1 :], ""])


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What the tests in the copy say: name -> "" or what went wrong."""
    house = tmp_path_factory.mktemp("recipes") / "house"
    for name in HOUSE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        house.mkdir(exist_ok=True)
        copy(ROOT / name, house / name)
    for place, code in blocks():
        path = house / place["path"]
        path.write_text(put(path.read_text("utf-8") if path.exists() else "", place, code), "utf-8")
    found = {}
    report = house / "report.xml"
    wanted = " or ".join(f"({path.split('/')[-1]} and ({words}))" for path, words in CHECKS.items() if words)
    command = [sys.executable, "-m", "pytest", *CHECKS, "-k", f"recipes.py or {wanted}", f"--junitxml={report}"]
    done = subprocess.run(command, cwd=house, capture_output=True, text=True, check=False,
                          env=os.environ | {"PYTHONPATH": str(house)})  # fmt: skip
    assert report.exists(), done.stdout + done.stderr
    for case in ElementTree.parse(report).iter("testcase"):
        wrong = [w.text or w.get("message") for w in case if w.tag in ("failure", "error")]
        found[f"{case.get('classname')}.{case.get('name')}"] = "\n".join(wrong)
    return found


def test_every_block_says_where_it_goes():
    """So that none of them is left out of the copy."""
    fences = [(ROOT / name).read_text("utf-8").count("```python") for name in DOCUMENTS]
    assert all(place for place, _ in blocks())
    assert sum(place["path"].endswith(".py") for place, _ in blocks()) == sum(fences)


@pytest.mark.parametrize("recipe", [
    "distribution", "loss", "penalty", "setting", "curve", "architecture", "preset", "page", "kind",
])  # fmt: skip
def test_a_recipe_does_what_it_says(outcomes, recipe):
    about = {name: wrong for name, wrong in outcomes.items() if f"recipes.test_{recipe}" in name}
    assert about, f"tests/recipes.py has no test of: {recipe}"
    assert "".join(about.values()) == ""


@pytest.mark.parametrize("path", [path for path in CHECKS if path != "tests/recipes.py"])
def test_the_tests_over_the_registries_pass_with_the_new_ones(outcomes, path):
    module = path.removesuffix(".py").replace("/", ".")
    about = {name: wrong for name, wrong in outcomes.items() if name.startswith(module)}
    assert about, f"nothing in {path} is about what the recipes add"
    assert "".join(about.values()) == ""
