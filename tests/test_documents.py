"""What the documents say of the repository is so: paths, commands, registries."""

import re

import pytest

from benchmarks.harness import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
EVERY_DOCUMENT = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def tree():
    """The paths in the README's tree, relative to the root."""
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = re.search(r"^```\n(app\.py[\s\S]*?)^```", readme, re.MULTILINE)[1].splitlines()
    found, home = [], ""
    for line in lines:
        inside, names = re.match(r"( *)((?:[\w/]+(?:\.py|/)(?:, )?)+)", line).groups()
        home = home if inside else names if names.endswith("/") else ""
        found += [home * bool(inside) + name for name in names.split(", ")]
    return found


def test_all_that_the_tree_names_is_there():
    assert [path for path in tree() if not (ROOT / path).exists()] == []


def test_the_tree_names_every_folder():
    homes = {p.parent.relative_to(ROOT).as_posix() for p in ROOT.glob("*/**/*.py")} - {""}
    homes = {home for home in homes if not home.startswith((".", "build", "tests/")) and "__pycache__" not in home}
    assert homes <= {path.rstrip("/") for path in tree()}


@EVERY_DOCUMENT
def test_links_lead_somewhere(path):
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text("utf-8"))
    assert [t for t in targets if "://" not in t and not (path.parent / t).exists()] == []


@EVERY_DOCUMENT
def test_commands_exist(path):
    text = path.read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    modules = re.findall(r"python -m ((?:benchmarks|scripts)\.\w+)", text)
    assert [m for m in modules if not (ROOT / (m.replace(".", "/") + ".py")).exists()] == []
    goals = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert {goal for goal in goals if not re.search(rf"^{goal}:", makefile, re.MULTILINE)} == set()


def test_every_figure_has_its_command():
    """Each table of docs/MEASURED.md stands below a paragraph that begins with a command."""
    text = (ROOT / "docs/MEASURED.md").read_text("utf-8")
    for section in re.split(r"^#+ .*$", text, flags=re.MULTILINE)[1:]:
        if "|---" in section:
            assert re.search(r"^`[^`]*python -m [\w.]+", section, re.MULTILINE), section[:200]


def test_every_fault_has_its_test():
    """The words after a file's name are of the name of a test in it; what has none says so."""
    table = (ROOT / "docs/DEPLOY.md").read_text("utf-8").partition("## Faults")[2]
    found = [row.rsplit("|", 2)[1].strip() for row in re.findall(r"^\| .*$", table, re.MULTILINE)[1:]]
    assert found
    for cell in found:
        named = re.findall(r"`(test_\w+\.py)`: ([^`]+)", cell)
        assert named or cell in ("by hand", "not tried"), cell
        for name, sentences in named:
            texts = [path.read_text("utf-8") for path in (ROOT / "tests").rglob(name)]
            for sentence in filter(None, re.split("; ?", sentences)):
                words = sentence.strip().replace(" ", "_")
                assert any(re.search(rf"^def test_\w*{words}", text, re.MULTILINE) for text in texts), (name, sentence)


def test_hooks_and_make_call_the_same_tools():
    """With the same arguments; continuous integration calls make."""
    hooks = re.findall(
        r"^ +entry: \.venv/bin/(.+)$", (ROOT / ".pre-commit-config.yaml").read_text("utf-8"), re.MULTILINE
    )
    checks = re.findall(
        r"^\t\$\(BIN\)/((?:ruff|oxlint|mypy)\b.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(hooks) == sorted(check.removesuffix(" .") for check in checks)
