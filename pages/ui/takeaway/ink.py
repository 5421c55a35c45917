"""Colours and type of what is drawn for a visitor to take away: those of the pages, in the light theme."""

import colorsys
import functools
import re
import tomllib
from pathlib import Path

Color = tuple[float, float, float, float]  # red, green, blue, alpha, each from 0 to 1

ROLES = ("data", "generator", "discriminator", "accent")  # in the order of the theme's colours, as in theme.js
FAINT = {"muted": 0.45, "grid": 0.12, "track": 0.2}  # roles that are the text's colour, at this opacity
LATIN = "DejaVu Sans"  # comes with matplotlib
HANGUL = ("Noto Sans CJK KR", "Noto Sans CJK JP", "Noto Sans KR", "NanumGothic", "Apple SD Gothic Neo", "Malgun Gothic")
_THEME = Path(__file__).parents[3] / ".streamlit" / "config.toml"


@functools.cache
def _theme() -> dict[str, str]:
    light = tomllib.loads(_THEME.read_text("utf-8"))["theme"]["light"]
    found = dict(zip(ROLES, light["chartCategoricalColors"], strict=True))
    return found | {"text": light["textColor"], "background": light["backgroundColor"]}


@functools.cache
def color(name: str) -> Color:
    """A colour as panels name it: a role like "$data", with an opacity on demand, "$data/0.3" (or "$data/0.5/0.4": both),
    or "hsl(40 62% 58%)".

    Raises:
        KeyError: there is no such role.
    """
    if hsl := re.fullmatch(r"hsl\((\d+) (\d+)% (\d+)%\)((?:/[\d.]+)*)", name):
        hue, saturation, lightness = (int(part) for part in hsl.groups()[:3])
        return (*colorsys.hls_to_rgb(hue / 360, lightness / 100, saturation / 100), _opacity(hsl[4]))
    role, *opacities = name.removeprefix("$").split("/")
    opacity = _opacity("/".join(["", *opacities])) * FAINT.get(role, 1.0)
    code = _theme()["text" if role in FAINT else role]
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue, opacity


def _opacity(parts: str) -> float:
    product = 1.0
    for part in parts.split("/")[1:]:
        product *= float(part)
    return product


@functools.cache
def fonts(language: str) -> tuple[str, ...]:
    """The families of a language, the next one for what the first one lacks; empty if none on this machine writes it."""
    from matplotlib.font_manager import fontManager  # only now: it takes a second

    there = {font.name for font in fontManager.ttflist}
    hangul = tuple(family for family in HANGUL if family in there)[:1]  # visitors may name their tables in it, too
    if language == "ko":
        return (*hangul, LATIN) if hangul else ()
    return (LATIN, *hangul)
