"""A map of settings as panels: the map itself, and one of its runs. See `figures`."""

import functools
import math
from collections.abc import Sequence

import numpy as np

from gan_core import map_pictures
from gan_core.config import SETTINGS
from gan_core.divergences import LOG2, ruler
from gan_core.lessons.map_reading import BLOWN_UP, D_AHEAD, DRAW, G_AHEAD, winner
from gan_core.map_plan import Plan
from gan_core.own_targets import lookup
from gan_core.settings_map import Outcome, SettingsMap
from pages.ui.board import tile
from pages.ui.figures import Panel, Translate, level, line, with_levels

HEIGHT, SMALL = 500, 218  # px, of the map, and of a panel beside it
PACES = ((1.0, "1 : 1", ()), (4.0, "4 : 1", (7, 4)))  # lr_d / lr_g, its name on the map, and dashes of its line
_WINNERS = {DRAW: "$data/0.55", D_AHEAD: "$discriminator/0.5", G_AHEAD: "$generator/0.6", BLOWN_UP: "$muted", "": ""}


def shown(found: SettingsMap) -> list[Outcome | None]:
    """The run that stands for each cell, row by row from below: of its seeds the one with the median JSD, the lower of two."""
    rows, columns, _ = found.plan.shape
    cells: list[list[Outcome]] = [[] for _ in range(rows * columns)]
    for outcome in found.outcomes:
        row, column, _ = found.plan.place(outcome.run)
        cells[row * columns + column].append(outcome)
    ordered = [sorted(cell, key=lambda outcome: outcome.jsd) for cell in cells]
    return [cell[(len(cell) - 1) // 2] if cell else None for cell in ordered]


def runs_of(found: SettingsMap, cell: int) -> list[Outcome]:
    """The runs of a cell, by seed."""
    rows, columns, _ = found.plan.shape
    return sorted((o for o in found.outcomes if o.run % (rows * columns) == cell), key=lambda o: o.run)


def best_cell(found: SettingsMap) -> int:
    """The cell with the lowest median JSD among those that have not diverged; -1 without one."""
    alive = [(o.jsd, k) for k, o in enumerate(shown(found)) if o and not o.diverged_at]
    return min(alive, default=(0.0, -1))[1]


def tick(value: float) -> str:
    """A value of an axis, short."""
    return f"{value:g}".removeprefix("0") if 0 < value < 1 else f"{value:g}"


def jsd_color(jsd: float, threshold: float) -> str:
    """From the data's colour at 0 over none at the threshold to the generator's at log 2."""
    if jsd <= threshold:
        return f"$data/{0.2 + 0.5 * (1 - jsd / threshold):.3f}"
    return f"$generator/{0.12 + 0.58 * min((jsd - threshold) / (LOG2 - threshold), 1) ** 0.7:.3f}"


def _fill(outcome: Outcome | None, share: float, by: str, threshold: float) -> str:
    """The colour of a cell, a role with its opacity; "" where nothing is known."""
    if outcome is None:
        return ""
    if by == "winner":
        return _WINNERS[winner(outcome, threshold)]
    if by == "modes":
        return jsd_color(LOG2 * (1 - outcome.modes / max(outcome.n_modes, 1)), threshold)
    if by == "share":
        return jsd_color(0.0, threshold) if share == 1 else f"$data/{0.7 * share:.3f}" if share else "$generator/0.35"
    return jsd_color(outcome.jsd, threshold)


def cells_panel(found: SettingsMap, by: str, picked: int, tr: Translate) -> Panel:
    """The map: a cell a pair of values, coloured by "jsd", "modes", "winner", or the "share" of its seeds."""
    plan, outcomes = found.plan, shown(found)
    shares = found.share.ravel()
    data = np.frombuffer(map_pictures.of_data(plan.base.target), np.uint8)
    blank = np.zeros(data.size, np.uint8)
    pictures = [blank if o is None else np.frombuffer(o.picture, np.uint8) for o in outcomes]
    shape = map_pictures.SHAPES[plan.base.kind]
    names = {axis.field: tr(SETTINGS[axis.field].label) for axis in (plan.x, plan.y)}
    return {
        "id": "map", "kind": "cells", "title": _title(plan, tr), "help": tr("✓ converged · inside: p_g, and p_data as a line")
        if plan.base.kind == "line" else tr("✓ converged · inside: p_g, over p_data in grey"), "columns": 7, "rows": 2, "height": HEIGHT,
        "pace": "fast", "across": len(plan.x.values), "up": len(plan.y.values),
        "shape": [*shape, 1][:2], "pictures": np.concatenate(pictures), "truth": data, "level": map_pictures.DATA_LEVEL,
        "fills": [_fill(o, s, by, plan.threshold) for o, s in zip(outcomes, shares, strict=True)],
        "marked": (np.nan_to_num(shares) > 0.5).astype(np.uint8),
        "words": [words(found, k, o, tr) for k, o in enumerate(outcomes)],
        "xticks": [tick(v) for v in plan.x.values], "yticks": [tick(v) for v in plan.y.values],
        "xlabel": names[plan.x.field], "ylabel": names[plan.y.field], "lines": _paces(plan),
        "picked": picked, "pick": tr("Map of settings. Arrow keys move, Enter picks a cell."),
    }  # fmt: skip


def _title(plan: Plan, tr: Translate) -> str:
    n = len(plan.x.values) * len(plan.y.values)
    if len(plan.seeds) > 1:
        return tr("{n} settings, {seeds} seeds each", n=n, seeds=len(plan.seeds))
    return tr("{n} GANs, {steps:,} steps", n=n, steps=plan.steps)


def _paces(plan: Plan) -> list[Panel]:
    """The diagonals of equal pace and of a D that is four times as fast, from edge to edge of the map."""
    if (plan.x.field, plan.y.field) != ("lr_g", "lr_d") or plan.x.values != plan.y.values:
        return []
    n = len(plan.x.values)
    one = np.log(plan.x.values[-1] / plan.x.values[0]) / (n - 1)
    drawn = []
    for ratio, label, dash in PACES:
        up = np.log(ratio) / one
        drawn.append({"label": label, "from": [0.0, float(up)], "to": [float(n - up), float(n)], "dash": list(dash)})
    return drawn


def words(found: SettingsMap, cell: int, outcome: Outcome | None, tr: Translate) -> str:
    """What a cell says."""
    plan = found.plan
    row, column = divmod(cell, len(plan.x.values))
    place = f"{plan.x.field} {tick(plan.x.values[column])} · {plan.y.field} {tick(plan.y.values[row])}"
    if outcome is None:
        return place
    said = f"{place} · JSD {outcome.jsd:.3f}"
    if len(plan.seeds) > 1:
        good = found.converged[row, column]
        said += " · " + tr("{n} of {of} seeds ✓", n=int(np.nansum(good)), of=int(np.isfinite(good).sum()))
    return said


def tiles_of(found: SettingsMap, outcome: Outcome | None, tr: Translate) -> list[dict[str, str]]:
    """The numbers of one run."""
    if outcome is None:
        return []
    shown = [tile("jsd", "JSD", f"{outcome.jsd:.3f}", "generator", tr("Of the run in the frame"))]
    if outcome.n_modes > 1:
        shown.append(tile("modes", tr("Modes"), f"{outcome.modes} / {outcome.n_modes}", "generator"))
    if not math.isnan(outcome.d_real):
        both = f"{outcome.d_real:.2f} / {outcome.d_fake:.2f}"
        shown.append(tile("d", tr("D(real) / D(fake)"), both, "discriminator"))
    names = {DRAW: tr("nobody"), D_AHEAD: "D", G_AHEAD: "G", BLOWN_UP: tr("blown up"), "": "–"}
    shown.append(tile("winner", tr("Who won"), names[winner(outcome, found.plan.threshold)], "",
                      tr("Nobody: it has converged. D: it tells data from fakes, and G cannot close the gap. G: the fakes are "
                         "wrong, and D does not see it.")))  # fmt: skip
    return shown


def density_panel(outcome: Outcome, target: str, tr: Translate) -> Panel:
    """p_g of one run beside p_data."""
    found = lookup(target)
    data = map_pictures.data_masses(target)
    masses = np.frombuffer(outcome.picture, np.uint8) / map_pictures.DATA_LEVEL * data.max()
    head = {"id": "density", "title": tr("What this run makes"), "columns": 5, "height": SMALL, "pace": "fast"}
    if found.dim == 1:
        low, high = found.bounds[0]
        cell = (high - low) / len(data)
        x = low + cell * (np.arange(len(data)) + 0.5)
        top = 1.25 * float(data.max()) / cell
        return {
            **head, "help": tr("blue: p_data · orange: p_g"),
            "data": [
                line(x, data / cell, "$data", "p_data", shape="hvh", fill="tozeroy", fillcolor="$data/0.18"),
                line(x, masses / cell, "$generator", "p_g", shape="hvh"),
            ],
            "layout": {"xaxis": {"title": {"text": "x"}, "range": [low, high]}, "yaxis": {"range": [0, top]}},
        }  # fmt: skip
    n, m = data.shape
    (left, right), (low, high) = found.bounds
    grid = {"n": n, "m": m}
    return {
        **head, "kind": "field", "help": tr("blue: p_data · orange: p_g"), "morph": "", "square": True,
        "x": [left, right], "y": [low, high], "xlabel": found.axes[0], "ylabel": found.axes[1],
        "layers": [
            {"id": "p_g", "label": "", "type": "density", **grid, "values": masses.reshape(-1).astype(np.float32),
             "top": float(data.max()), "color": "$generator"},
            {"id": "p_data", "label": "", "type": "contour", **grid, "values": data.reshape(-1).astype(np.float32),
             "levels": [0.3 * float(data.max())], "color": "$data", "width": 1.6},
        ],
    }  # fmt: skip


def curve_panel(found: SettingsMap, runs: Sequence[Outcome], chosen: Outcome, tr: Translate) -> Panel:
    """The JSD of a cell's runs over the steps, with what counts as converged and what missing modes would cost."""
    plan = found.plan
    curves = [
        line(np.array(plan.moments[: len(o.curve)], dtype=float), np.array(o.curve),
             "$text" if o.run == chosen.run else "$muted", tr("seed {seed}", seed=plan.config(o.run).seed),
             width=3 if o.run == chosen.run else 1.3)
        for o in sorted(runs, key=lambda o: o.run == chosen.run)
    ]  # fmt: skip
    levels = [level(plan.threshold, tr("converged"), "$data", dash="dash")]
    if chosen.n_modes == 2 and _even(plan.base.target):
        levels.append(level(ruler(1, 2), tr("1 of 2 modes")))
    layout = {
        "xaxis": {"title": {"text": tr("step")}, "range": [0, plan.steps], "nticks": 5, "tickformat": "~s"},
        "yaxis": {"range": [0, 0.74], "tickvals": [0, 0.2, 0.4, 0.6], "title": {"text": "JSD"}},
    }
    return {
        "id": "curve", "title": tr("Its JSD over the steps"), "help": tr("in nats, at most log 2 = 0.693"), "columns": 5,
        "height": SMALL, "pace": "fast", "data": curves, "layout": with_levels(layout, levels),
    }  # fmt: skip


@functools.cache
def _even(target: str) -> bool:
    """Whether all modes weigh the same, so that a ruler holds for whichever is missing."""
    weights = lookup(target).weights
    return len(weights) > 0 and bool(np.allclose(weights, weights[0]))


def legend(by: str, plan: Plan, tr: Translate) -> list[dict[str, str]]:
    """What the colours mean, and the diagonals."""
    entries = {
        "jsd": [("data", tr("converged: JSD ≤ {threshold:g}", threshold=plan.threshold)),
                ("generator", tr("not: JSD up to log 2 = 0.69"))],
        "modes": [("data", tr("all modes")), ("generator", tr("none"))],
        "winner": [("data", tr("nobody: converged")), ("discriminator", tr("D: it sees what G cannot close")),
                   ("generator", tr("G: wrong, and D does not see it"))],
        "share": [("data", tr("bluer: more seeds converge")), ("generator", tr("none does"))],
    }[by]  # fmt: skip
    shown = [{"role": role, "label": label, "mark": "fill"} for role, label in entries]
    if _paces(plan):
        shown += [
            {"role": "text", "label": tr("1 : 1 equal pace"), "mark": "line"},
            {"role": "text", "label": tr("4 : 1 D faster (TTUR)"), "mark": "dash"},
        ]
    return shown
