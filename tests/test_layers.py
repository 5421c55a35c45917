"""Who may import whom: the core runs without any user interface, and its modules build on each other in one order."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gan_core

ROOT = Path(__file__).parents[1]
MODULES = sorted(path.stem for path in (ROOT / "gan_core").glob("*.py") if path.stem != "__init__")

MAY_IMPORT = {
    "messages": set(),
    "distributions": {"messages"},
    "divergences": set(),
    "networks": set(),
    "image_networks": set(),
    "threads": set(),
    "mnist": {"messages"},
    "nonlinearity": {"networks", "threads"},
    "dirac": set(),
    "theory": {"divergences"},
    "gaussians": {"divergences", "theory"},
    "verdicts": {"gaussians", "theory"},
    "evidence": {"divergences", "theory"},
    "penalties": set(),
    "losses": {"divergences", "theory"},
    "metrics": {"distributions", "divergences", "theory", "losses", "networks"},
    "estimators": {"distributions", "divergences", "metrics"},
    "training": {"messages", "distributions", "losses", "metrics", "networks", "image_networks", "mnist"},
    "classifier": {"messages", "mnist"},
    "image_metrics": {"classifier", "divergences", "losses", "messages", "metrics", "mnist", "theory"},
    "parzen": set(),
    "warm_starts": {"image_metrics", "image_networks", "messages", "training"},
    "image_training": {"image_metrics", "image_networks", "mnist", "training", "warm_starts"},
    "views": {"distributions", "divergences", "theory", "metrics", "training"},
    "runner": {"messages", "training", "metrics", "losses", "views", "image_training", "image_metrics"},
    "presets": {"training"},
    "architecture": {"distributions", "training"},
    "dropout": {"networks", "threads", "training"},
    "anatomy": {"threads", "training"},
    "frozen": {"gaussians", "metrics", "threads", "training", "verdicts"},
    "runs": {"networks", "threads", "training"},
    "slopes": {"losses", "verdicts"},
}

ALSO = {"mnist": {"pooch", "sklearn"}, "warm_starts": {"safetensors"}, "classifier": {"safetensors"}}


def imported_names(module):
    """Dotted names of all imports in a file, those inside functions too; `from a import b` gives a and a.b."""
    for node in ast.walk(ast.parse((ROOT / "gan_core" / f"{module}.py").read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}.py: write `from gan_core import …`, not a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("module", MODULES)
def test_imports_within_the_core(module):
    assert module in MAY_IMPORT, f"say in MAY_IMPORT what the new module {module} may import"
    names = [name.split(".") for name in imported_names(module)]
    ours = {name[1] for name in names if name[0] == "gan_core" and len(name) > 1}
    assert ours & set(MODULES) <= MAY_IMPORT[module]
    assert ours <= set(MODULES), "import from the module itself, not from the package"


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_core_needs_only_numerical_libraries(module):
    roots = {name.split(".")[0] for name in imported_names(module)}
    assert roots <= {"gan_core", "numpy", "scipy", "torch"} | ALSO.get(module, set()) | sys.stdlib_module_names


def test_core_loads_no_user_interface():
    """In a fresh interpreter, since other tests do load Streamlit."""
    imports = "\n".join(f"import gan_core.{module}" for module in MODULES)
    check = "import sys; print(*(m for m in ('streamlit', 'plotly', 'pages', 'app') if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", f"{imports}\n{check}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_public_names_exist():
    assert gan_core.__all__
    for name in gan_core.__all__:
        assert getattr(gan_core, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = gan_core.nonsense


def test_the_law_has_no_circles():
    below = {}
    for module in MAY_IMPORT:  # written from the bottom up
        assert MAY_IMPORT[module] <= below.keys(), f"{module} may only import what is listed above it"
        below[module] = MAY_IMPORT[module]
