"""What the code imports is declared, what is declared is locked, and nothing deprecated is used."""

import ast
import re
import sys
import warnings
from importlib.metadata import packages_distributions

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.harness import ROOT

OURS = {"gan_core", "pages", "app", "home", "benchmarks", "scripts", "tests"}
PIN = re.compile(r"^([\w.-]+)==(\S+)$", re.MULTILINE)


OPTIONAL = {"ray"}  # of requirements-cluster.txt: modules


def pins(name):
    """Package -> version, of the file and of what it includes."""
    text = (ROOT / name).read_text("utf-8")
    found = {package.lower().replace("_", "-"): version for package, version in PIN.findall(text)}
    for other in re.findall(r"^-r (\S+)$", text, re.MULTILINE):
        found |= pins(other)
    return found


def imported(*places):
    """The packages of others that the files there import, by the name that pip knows."""
    modules = set()
    for place in places:
        for path in [ROOT / place] if place.endswith(".py") else (ROOT / place).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Import):
                    modules |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    modules.add(node.module.split(".")[0])
    known = packages_distributions()
    return {known[m][0].lower().replace("_", "-") for m in modules - OURS - set(sys.stdlib_module_names) - OPTIONAL}


def test_what_the_app_can_do_without_is_declared_by_itself():
    assert pins("requirements-cluster.txt").items() == pins("requirements.txt").items() | {("ray", "2.60.0")}
    inside = [
        path
        for path in (ROOT / "pages").rglob("*.py")
        if re.search(r"^ *(import|from) ray\b", path.read_text("utf-8"), re.M)
    ]
    assert [path.name for path in inside] == ["actors.py"], "the app works without it"


def test_what_the_app_imports_is_declared():
    assert imported("app.py", "home.py", "pages", "gan_core") <= pins("requirements.txt").keys()


def test_what_checks_and_figures_import_is_declared():
    assert imported("tests", "benchmarks", "scripts") <= pins("requirements-dev.txt").keys()


def test_the_lock_holds_what_is_declared_and_more():
    declared, locked = pins("requirements-dev.txt"), pins("requirements.lock")
    assert declared.items() <= locked.items(), "run `make lock`"
    assert len(locked) > 2 * len(declared)


def test_the_lock_names_versions_that_every_registry_has():
    """No local versions, such as those of one torch build, no paths and no addresses."""
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert [l for l in lines if not l.startswith("#") and not re.fullmatch(r"[\w.-]+==[\w.]+", l)] == []


def _deprecated():
    import streamlit as st

    st.image("https://example.org/a.png", use_column_width=True)


def test_a_deprecated_function_of_streamlit_is_noticed(streamlit_deprecations):
    """If this fails after an upgrade, Streamlit warns in another way: let the fixture listen there."""
    AppTest.from_function(_deprecated).run()
    assert any("use_column_width" in message for message in streamlit_deprecations)
    streamlit_deprecations.clear()


@pytest.mark.parametrize("kind", [DeprecationWarning, PendingDeprecationWarning, FutureWarning])
def test_a_deprecation_is_an_error(kind):
    with pytest.raises(kind):
        warnings.warn("soon gone", kind, stacklevel=1)
