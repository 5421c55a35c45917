"""Which English texts the pages hand to `tr`: found in the code, not by running it."""

import ast

from benchmarks.harness import ROOT
from gan_core import PRESETS
from gan_core.config import SETTINGS
from gan_core.diagnosis import CAUSES
from gan_core.images.networks import ARCHITECTURES
from pages.ui import cards, proof_charts
from pages.ui.curves import CURVES
from pages.ui.frame import PAGES
from pages.ui.takeaway.tables import COLUMNS
from pages.ui.takeaway.takeaways import TAKEAWAYS
from pages.ui.units import UNITS


def keys_in_code() -> set[str]:
    """Literal arguments of tr(...), and the texts in the tables that are passed to it."""
    keys: set[str] = set()
    for path in [ROOT / "home.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "gan_core").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))  # of `tr`, and of `text.tr`
                keys |= set(_literals(node.args[0])) if name in ("tr", "Message") else set()
    keys |= {t for setting in SETTINGS.values() for t in (setting.label, setting.help, *setting.names.values())}
    keys |= {t for cause in CAUSES for t in (cause.sentence, cause.advice)}
    keys |= {unit.name for unit in UNITS.values()}
    charts = [chart for charts in CURVES.values() for chart in charts]
    keys |= {t for c in charts for t in (c.title, c.help, c.tip) if isinstance(t, str)}
    keys |= {curve.name for c in charts for curve in c.curves if curve.words}
    keys |= {t for page in PAGES for t in (page.title, page.group)}
    keys |= {t for preset in PRESETS.values() for t in (preset.name, preset.story, preset.look_for)}
    keys |= set(cards.FIGURES.values())
    keys |= {t for takeaway in TAKEAWAYS.values() for t in (takeaway.label, takeaway.help)}
    keys |= {meaning for _, meaning in COLUMNS.values()}
    keys |= {a.summary for a in ARCHITECTURES.values()}
    keys |= {name for name, _, _ in proof_charts.MEASURES.values() if name != "JSD"}
    return {k for k in keys if any(c.isalpha() for c in k)}


def _literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return [*_literals(node.body), *_literals(node.orelse)]
    return []
