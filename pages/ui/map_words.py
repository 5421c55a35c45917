"""What a map of settings says, in sentences that are true of the map on screen."""

from gan_core.config import SETTINGS
from gan_core.lessons.map_reading import D_AHEAD, G_AHEAD, Line, MapReading
from gan_core.map_plan import Plan
from gan_core.own_targets import lookup
from gan_core.settings_map import SettingsMap
from pages.ui.figures import Translate
from pages.ui.map_figures import tick


def name_of_map(plan: Plan, tr: Translate) -> str:
    """What is on it, for a menu."""
    sides = {"x": tr(SETTINGS[plan.x.field].label), "y": tr(SETTINGS[plan.y.field].label)}
    return tr("{target}: {x} × {y}, {seeds} seeds, {steps:,} steps", target=tr(lookup(plan.base.target).name), **sides,
              seeds=len(plan.seeds), steps=plan.steps)  # fmt: skip


def ways_of(plan: Plan, tr: Translate) -> dict[str, str]:
    """What the colours of a map can say, the most telling first, for a menu; see `map_figures.cells_panel`."""
    ways = {"jsd": tr("JSD"), "winner": tr("Who won")}
    if len(plan.seeds) > 1:
        ways = {"share": tr("Share of seeds that converge"), **ways}
    if (modes := lookup(plan.base.target).modes) is not None and len(modes) > 1:
        ways["modes"] = tr("Modes")
    return ways


def sides_of(plan: Plan, tr: Translate) -> dict[str, str]:
    """What can stand along the sides of a finished map, for a menu: the side that its seeds take, "" for none -> both."""
    x, y, seed = (tr(SETTINGS[field].label) for field in (plan.x.field, plan.y.field, "seed"))
    sides = {"": f"{x} × {y}"}
    return sides | {"y": f"{x} × {seed}", "x": f"{seed} × {y}"} if len(plan.seeds) > 1 else sides


def map_says(reading: MapReading, found: SettingsMap, before: MapReading | None, tr: Translate) -> str:
    """What the map says, as a list in Markdown.

    Args:
        before: what the last map of the same axes said, for comparison.
    """
    plan = found.plan
    said = [
        tr("**{n} of {of}** runs converge (JSD ≤ {threshold:g}).", n=reading.converged, of=reading.runs,
           threshold=plan.threshold)
    ]  # fmt: skip
    if before:
        said[0] += " " + tr("On the map before it were {n} of {of}.", n=before.converged, of=before.runs)
    for axis, lines in ((plan.x, reading.columns), (plan.y, reading.rows)):
        if sentence := _along(tr(SETTINGS[axis.field].label), [line for line in lines if line.runs], tr):
            said.append(sentence)
    paces = {ratio: reading.pace(ratio) for ratio in (0.25, 1.0, 4.0)}
    slow, equal, fast = paces.values()
    if slow and equal and fast and slow.runs and equal.runs and fast.runs:
        said.append(tr("By pace: {slow} converge where D is four times slower, {equal} at equal pace, {fast} where D is "
                       "four times faster.", slow=_of(slow, tr), equal=_of(equal, tr), fast=_of(fast, tr)))  # fmt: skip
    if len(plan.seeds) > 1:
        said.append(tr("In {n} of {of} cells some seeds converge and others do not: there it is luck.",
                       n=reading.sometimes, of=reading.cells))  # fmt: skip
    d, g = (reading.winners.get(name, 0) for name in (D_AHEAD, G_AHEAD))
    if d or g:
        said.append(tr("Of those that fail, D sees the difference in {d}, and sees next to nothing in {g}.", d=d, g=g))
    return "\n".join(f"- {sentence}" for sentence in said)


def _along(name: str, lines: list[Line], tr: Translate) -> str:
    """Where along an axis it works best and worst; "" if it makes no difference, or there is nothing to compare."""
    if not lines or max(lines, key=_share).share == min(lines, key=_share).share:
        return ""
    best, worst = max(lines, key=_share), min(lines, key=_share)
    return tr("{name}: best at {best} ({most}), worst at {worst} ({least}).", name=name, best=tick(best.value),
              most=_of(best, tr), worst=tick(worst.value), least=_of(worst, tr))  # fmt: skip


def _share(line: Line) -> float:
    return line.share


def _of(line: Line, tr: Translate) -> str:
    return tr("{n} of {of}", n=line.converged, of=line.runs)
