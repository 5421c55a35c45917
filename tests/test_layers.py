"""Who may import whom: pages -> pages.ui -> gan_core, never back; inside, modules build on each other in one order."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gan_core

ROOT = Path(__file__).parents[1]


def modules_of(package):
    """Dotted names below a package, without its own name: "training", "images.data"."""
    folder = ROOT / package.replace(".", "/")
    found = (path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py"))
    return sorted(".".join(parts) for parts in found if parts[-1] != "__init__")


MODULES = modules_of("gan_core")

MAY_IMPORT = {
    "messages": set(),
    "threads": set(),
    "tensor_files": {"messages"},
    "table_text": {"messages"},
    "table_layout": {"messages", "table_text"},
    "distributions": set(),
    "own_targets": {"distributions", "messages"},
    "tables": {"messages", "own_targets", "table_layout", "table_text"},
    "divergences": set(),
    "cells": {"distributions", "divergences"},
    "counts": {"divergences", "threads"},
    "push_forward": {"distributions"},
    "networks": set(),
    "history": set(),
    "events": {"history"},
    "keeping": set(),
    "theory": {"divergences"},
    "f_divergences": set(),
    "losses": {"divergences", "f_divergences", "theory"},
    "penalties": {"losses", "networks"},
    "images.idx": {"messages"},
    "images.mnist": {"messages"},
    "images.networks": set(),
    "settings": {"messages"},
    "images.parzen": set(),
    "batches": set(),
    "mailbox": set(),
    "pace": set(),
    "evaluation": {"counts"},
    "trend": set(),
    "frechet": set(),
    "images.neighbours": set(),
    "images.shadow": {"divergences"},
    "optimizers": {"networks"},
    "state": {"batches", "history", "networks", "optimizers"},
    "checkpoints": {"networks", "optimizers"},
    "optimum": {"losses"},
    "proof": {"counts", "divergences", "f_divergences", "optimum", "theory"},
    "packs": {"losses", "networks", "optimum", "proof"},
    "images.folder": {"images.idx", "messages"},
    "images.data": {"images.folder", "images.idx", "images.mnist", "messages"},
    "config": {
        "distributions", "images.data", "images.networks", "losses", "messages", "networks", "own_targets",
        "settings",
    },
    "images.classifier": {"images.data", "images.idx", "messages"},
    "latents": {"batches", "config"},
    "constraints": {"config", "networks"},
    "images.warm_starts": {"config", "images.networks", "messages", "state", "tensor_files"},
    "images.metrics": {
        "divergences", "frechet", "images.classifier", "images.data", "images.shadow", "keeping", "latents", "losses",
        "messages", "networks", "optimum", "proof",
    },
    "line_evaluation": {
        "cells", "counts", "distributions", "divergences", "evaluation", "keeping", "latents", "losses", "networks",
        "optimum", "packs", "proof", "push_forward",
    },
    "plane_evaluation": {
        "cells", "counts", "distributions", "divergences", "evaluation", "keeping", "latents", "losses", "networks",
        "optimum", "packs", "proof",
    },
    "cost": {
        "batches", "config", "images.networks", "line_evaluation", "losses", "messages", "own_targets", "penalties",
        "plane_evaluation",
    },
    "race": {"config", "history"},
    "diagnosis": {"config", "losses", "messages", "optimum", "trend"},
    "game": {"batches", "config", "diagnosis", "losses", "networks", "optimum"},
    "facts": {"diagnosis", "distributions", "divergences", "evaluation", "game", "losses", "messages", "trend"},
    "slopes": {"game", "losses"},
    "images.facts": {"diagnosis", "facts", "game", "images.metrics", "messages", "trend"},
    "images.augment": set(),
    "images.problem": {
        "images.augment", "batches", "config", "diagnosis", "facts", "game", "images.data", "images.facts", "images.metrics",
        "images.networks", "images.warm_starts", "keeping", "latents",
    },
    "line_view": {"game", "keeping", "line_evaluation", "own_targets"},
    "plane_view": {"distributions", "divergences", "game", "keeping", "optimum", "own_targets", "plane_evaluation", "slopes", "theory"},
    "problem": {
        "batches", "config", "diagnosis", "evaluation", "facts", "game", "images.problem", "latents",
        "line_evaluation", "line_view", "networks", "own_targets", "plane_evaluation", "plane_view",
    },
    "training": {
        "checkpoints", "config", "constraints", "game", "history", "losses", "messages", "networks", "optimizers",
        "optimum", "penalties", "problem", "slopes", "state",
    },
    "conditional": {"batches", "config", "diagnosis", "game", "images.networks", "latents", "messages"},
    "stacks": {"networks"},
    "ensemble": {
        "config", "constraints", "losses", "networks", "problem", "stacks", "training",
    },
    "map_pictures": {"config", "divergences", "own_targets"},
    "map_plan": {"config", "divergences", "facts", "map_pictures", "messages"},
    "settings_map": {"ensemble", "map_pictures", "map_plan", "messages", "training"},
    "map_columns": {"messages"},
    "map_table": {
        "diagnosis", "divergences", "map_columns", "map_pictures", "map_plan", "messages", "settings_map",
    },
    "map_tiles": {"map_plan", "map_table", "messages", "settings_map", "tensor_files", "threads"},
    "state_tensors": {
        "batches", "config", "messages", "own_targets", "state", "tensor_files", "training",
    },
    "saving": {"config", "images.data", "messages", "own_targets", "state", "state_tensors", "tensor_files", "training"},
    "presets": {"config", "training"},
    "images.conditional": {
        "batches", "conditional", "images.classifier", "images.data", "images.idx", "images.networks", "images.problem",
        "images.warm_starts", "latents", "presets", "threads", "training",
    },
    "images.few": {
        "config", "images.augment", "images.data", "images.neighbours", "images.networks", "images.problem", "latents",
        "presets", "threads", "training",
    },
    "snapshot": {"config", "diagnosis", "state", "training"},
    "film": {"config", "diagnosis", "keeping", "messages", "snapshot"},
    "recording": {"config", "events", "film", "history", "snapshot", "state"},
    "recording_file": {
        "config", "cost", "film", "images.data", "messages", "own_targets", "recording", "saving", "snapshot",
        "state_tensors", "tensor_files", "training",
    },
    "twin": {"config", "messages", "recording", "snapshot", "training"},
    "workbench": {"config", "pace", "recording", "snapshot", "training", "twin"},
    "actor": {"config", "mailbox", "messages", "pace", "snapshot", "training", "workbench"},
    "run": {"actor", "config", "messages", "race", "recording", "snapshot", "training", "twin"},
    "turns": {"threads"},
    "runner": {"config", "cost", "messages", "recording", "run", "snapshot", "state", "training", "turns", "twin"},
    "watched": {"mailbox", "messages"},
    "lessons.map_reading": {"config", "facts", "map_plan", "settings_map"},
    "lessons.finished_maps": {"map_plan", "map_table", "settings_map"},
    "lessons.bells": {"divergences", "theory"},
    "lessons.the_game": {"lessons.bells", "theory"},
    "lessons.proofs": {"divergences", "theory"},
    "lessons.value_function": set(),
    "lessons.generator_losses": {"lessons.the_game", "losses"},
    "lessons.nonlinearity": {"networks", "threads"},
    "lessons.dirac": set(),
    "lessons.estimators": {"cells", "counts", "distributions", "divergences"},
    "lessons.metrics": {"counts", "distributions", "divergences", "frechet", "messages", "threads"},
    "lessons.cheats": {"distributions", "lessons.metrics", "messages"},
    "lessons.frechet_bias": {"frechet", "messages", "threads"},
    "lessons.diffusion": {"distributions", "networks", "optimizers", "threads"},
    "lessons.two_models": {
        "config", "distributions", "latents", "lessons.diffusion", "lessons.estimators", "networks", "presets",
        "tensor_files", "threads", "training",
    },
    "lessons.layers": {"config", "own_targets"},
    "lessons.conditional": {
        "batches", "conditional", "config", "distributions", "divergences", "latents", "threads", "training",
    },
    "lessons.dropout": {"config", "networks", "threads", "training"},
    "lessons.one_step": {"config", "networks", "threads", "training"},
    "lessons.short_trainings": {
        "config", "lessons.bells", "lessons.the_game", "line_evaluation", "networks", "threads", "training",
    },
    "lessons.critic": {"config", "divergences", "lessons.short_trainings", "proof", "threads", "training"},
}  # fmt: skip

# the core asks a wing for names, of image sets and architectures, and its registry of problems for the one on images
NAMES_FOR_THE_CORE = {"images.data", "images.networks"}
REGISTRY = ("problem", "images.problem")

ALSO = {
    "images.data": {"pooch", "sklearn"},
    "images.mnist": {"pooch"},
    "tensor_files": {"safetensors"},
    "threads": {"threadpoolctl"},
    "map_table": {"pandas"},
    "map_columns": {"pyarrow"},
    "images.classifier": {"safetensors"},
}

# what turns arrays into panels can be tested, and used, without a server and without PyTorch
DRAWING = {
    "figures", "line_figures", "plane_figures", "image_figures", "step_charts", "curves", "proof_charts", "units", "exhibits",
    *(m for m in modules_of("pages.ui") if m.startswith("exhibits.")), "takeaway",
    *(f"takeaway.{m}" for m in ("ink", "charts", "fields", "picture")),
}  # fmt: skip


def imported_names(path):
    """Dotted names of all imports in a file, those inside functions too; `from a import b` gives a and a.b."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write `from gan_core import …`, not a relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(package, module):
    return ROOT / package.replace(".", "/") / (module.replace(".", "/") + ".py")


@pytest.mark.parametrize("module", MODULES)
def test_imports_within_the_core(module):
    assert module in MAY_IMPORT, f"say in MAY_IMPORT what the new module {module} may import"
    names = [name.removeprefix("gan_core.") for name in imported_names(file_of("gan_core", module))]
    assert set(names) & set(MODULES) <= MAY_IMPORT[module]
    packages = {"gan_core", "images", "lessons"}
    ours = {name for name in imported_names(file_of("gan_core", module)) if name.split(".")[0] == "gan_core"}
    homes = {f"gan_core.{m}" for m in MODULES}
    for name in ours - homes - {f"gan_core.{p}" for p in packages} - {"gan_core"}:
        assert name.rsplit(".", 1)[0] in homes, f"import {name} from the module itself, not from the package"


@pytest.mark.parametrize("module", MODULES)
def test_wings_build_on_the_core_and_never_the_core_on_them(module):
    wing = module.split(".")[0] if "." in module else ""
    for other in MAY_IMPORT[module] - NAMES_FOR_THE_CORE:
        home = other.split(".")[0] if "." in other else ""
        assert home in ("", wing) or (module, other) == REGISTRY, f"{module} must not import {other}"


@pytest.mark.parametrize("module", ["__init__", *MODULES])
def test_core_needs_only_numerical_libraries(module):
    roots = {name.split(".")[0] for name in imported_names(file_of("gan_core", module))}
    assert roots <= {"gan_core", "numpy", "scipy", "torch"} | ALSO.get(module, set()) | sys.stdlib_module_names


def loaded(imports, unwanted):
    """Which of the unwanted modules these imports load, in a fresh interpreter."""
    check = f"import sys; print(*(m for m in {unwanted!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", "\n".join([*(f"import {m}" for m in imports), check])],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_core_loads_no_user_interface():
    assert loaded([f"gan_core.{m}" for m in MODULES], ("streamlit", "plotly", "pages", "app", "home")) == []


def test_figures_need_neither_a_server_nor_pytorch():
    assert loaded([f"pages.ui.{m}" for m in sorted(DRAWING)], ("streamlit", "torch")) == []


def test_the_lobby_of_a_cluster_begins_without_pytorch():
    assert loaded(["pages.ui.cluster.lobby", "pages.ui.worker", "pages.ui.relay"], ("torch", "streamlit", "ray")) == []


@pytest.mark.parametrize("imports", [["pages.ui.line"], ["app"]], ids=["line", "app"])
def test_the_server_answers_before_pytorch_is_loaded(imports):
    assert loaded(imports, ("torch", "gan_core")) == []


def test_the_line_and_its_frames_stand_on_the_scenes_and_no_page_on_them():
    """What runs in the server's event loop knows nothing of a visitor's script: no widgets, no session."""
    below = {
        "line": {"asking", "commands", "ghosts", "limits", "looks", "meters", "stopping", "studio", "text"},
        "files": {"line", "qr", "taking"},
        "looks": set(),
        "feed": {"board", "looks", "meters", "stage_frames", "text"},
        "stage_frames": {"controls", "ghosts", "looks", "scenes", "text", "twin_link"},
        "commands": {"feed", "stage_frames"},
        "asking": {"feed", "figures", "looks", "stage_frames", "text"},
        "beside": {"feed", "limits"},
        "census": {"beside", "feed"},
        "keepsakes": {"asking", "census", "feed"},
        "relay": {"looks"},
        "limits": set(),
        "meters": set(),
        "stopping": set(),
        "stage_texts": {"text"},
        "taking": {"asking", "ghosts", "looks", "studio", "takeaway", "text"},
    }
    for module, may in below.items():
        names = {n for n in imported_names(file_of("pages.ui", module)) if n.startswith("pages.ui.")}
        assert {name.split(".")[2] for name in names} <= may


@pytest.mark.parametrize("path", sorted((ROOT / "pages").rglob("*.py")), ids=lambda path: path.stem)
def test_imports_within_the_pages(path):
    """pages -> pages.ui -> gan_core, never back, and no page builds on another one."""
    ours = {
        name for name in imported_names(path) if name.split(".")[0] in ("pages", "app", "home", "tests", "benchmarks")
    }
    packages = ("board", "cluster", "exhibits", "rooms", "takeaway")
    homes = {f"pages.ui.{m.removesuffix('.__init__')}" for m in (*modules_of("pages.ui"), *packages)}
    for name in ours - {"pages.ui"}:
        assert {name, name.rpartition(".")[0]} & homes, f"{path.name} must not import {name}"


@pytest.mark.parametrize("module", sorted(DRAWING - {"exhibits", "takeaway"}))
def test_what_draws_imports_only_what_draws(module):
    ours = {name for name in imported_names(file_of("pages.ui", module)) if name.startswith("pages.ui.")}
    homes = {f"pages.ui.{m}" for m in DRAWING}
    for name in ours:
        assert {name, name.rpartition(".")[0]} & homes, f"{module} draws and must not import {name}"


def test_the_board_knows_of_the_core_only_its_sentences():
    """It shows what it is handed, of any problem."""
    for path in (ROOT / "pages" / "ui" / "board").rglob("*.py"):
        ours = {name for name in imported_names(path) if name.split(".")[0] in ("gan_core", "pages")}
        assert ours <= {"gan_core.messages", "gan_core.messages.Message", "pages.ui.text", "pages.ui.text.tr"}


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
