"""How long a file, a class and a function may be, and what code a page may show."""

import ast
import importlib
import inspect
import subprocess
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE, CLASS, FUNCTION, SHOWN = 350, 250, 50, 40  # lines

# what may be longer, up to so many lines, and why
LONGER = {
    "gan_core/distributions.py": (400, "the registry of targets stands beside what makes them"),
    "gan_core/run.py:Run": (290, "all that can be asked of a run, each with a sentence"),
    "gan_core/runner.py": (360, "it is the runner's class but for a few lines"),
    "gan_core/runner.py:Runner": (300, "half of it hands a visitor's command on to the run of that name"),
    "pages/ui/live.py:LiveRun": (262, "one visitor's run on one page: half of it is what stands around the stage"),
    "tests/gan_core/test_recording_file.py": (450, "what a file promises stands beside what damaged ones get"),
}


def python_files():
    names = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"], cwd=ROOT,
                           capture_output=True, text=True, check=True).stdout.split()  # fmt: skip
    return [name for name in names if (ROOT / name).exists()]


def lengths(source, name):
    """(what, lines, bound) of the file and of every class and function in it."""
    yield name, len(source.splitlines()), FILE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            bound = CLASS if isinstance(node, ast.ClassDef) else FUNCTION
            yield f"{name}:{node.name}", node.end_lineno - node.lineno + 1, bound


def found():
    return [length for name in python_files() for length in lengths((ROOT / name).read_text("utf-8"), name)]


def test_nothing_is_longer_than_it_may_be():
    too_long = {what: n for what, n, bound in found() if n > LONGER.get(what, (bound,))[0]}
    assert too_long == {}, "split by noun, or give a reason in LONGER"


def test_every_exception_is_one():
    over = {what for what, n, bound in found() if n > bound}
    assert LONGER.keys() <= over, "these fit by now: take them out of LONGER"


# ---- code on the screen ----


def shown_functions():
    """The functions that pages hand to `lessons.code_behind`, as "module.name" of the core."""
    for path in sorted((ROOT / "pages").glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        homes = {}  # name in the page -> module
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                homes |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "code_behind":
                for argument in node.args:
                    first, *rest = ast.unparse(argument).split(".")
                    yield path.stem, homes[first], rest


SHOWN_FUNCTIONS = list(shown_functions())


@pytest.mark.parametrize(
    ("page", "home", "names"), SHOWN_FUNCTIONS, ids=[".".join([p, *n]) for p, _, n in SHOWN_FUNCTIONS]
)
def test_code_on_the_screen_is_short_and_uses_public_names_only(page, home, names):
    thing = importlib.import_module(home)
    for name in names:
        thing = getattr(thing, name)
    source = textwrap.dedent(inspect.getsource(thing))
    assert len(source.splitlines()) <= SHOWN
    assert inspect.getdoc(thing)
    used = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            used.add(node.id)
        elif isinstance(node, ast.Attribute):
            used.add(node.attr)
    assert {name for name in used if name.startswith("_") and name != "_"} == set()


def test_most_lessons_show_code():
    assert len({page for page, _, _ in SHOWN_FUNCTIONS}) >= 10
