"""The cards of the gallery: a small picture, the story, the evidence, and the way into the live lesson."""

from pathlib import Path

import streamlit as st

from gan_core import PRESETS, Preset
from gan_core.own_targets import lookup
from pages.ui import twin_link
from pages.ui.text import tr

PICTURES = Path(__file__).parent / "gallery"  # by `python -m benchmarks.gallery`

# figure of `presets.measure` -> its name on a card; those not here are for the tests only
FIGURES = {
    "modes": "Modes",
    "high_quality": "High quality",
    "jsd": "JSD",
    "d_real": "D(real)",
    "d_fake": "D(fake)",
    "proven": "proven by D",
    "jsd_best": "lowest JSD",
    "jsd_worst": "highest JSD",
    "modes_best": "most modes",
    "modes_worst": "fewest modes",
    "grad_minimax": "gradient, minimax",
    "grad_non_saturating": "gradient, non-saturating",
}


def preset_card(preset: Preset) -> None:
    """One card; its link opens the live lesson with the preset."""
    with st.container(border=True, width=312, key=f"card_{preset.key}"):
        picture = PICTURES / f"{preset.key}.webp"
        if picture.exists():
            st.image(str(picture), width="stretch")
        st.markdown(f"**{tr(preset.name)}**")
        st.markdown(tr(preset.story))
        if preset.look_for:
            st.caption(tr(preset.look_for))
        if preset.cures:
            st.caption(tr("Cures: {name}, same seed.", name=tr(PRESETS[preset.cures].name)))
        st.caption(tr("After {steps:,} steps: {evidence}", steps=preset.steps, evidence=evidence(preset)))
        st.page_link("pages/10_train_2d.py", label=tr("Watch it live"), icon=":material/play_arrow:",
                     query_params=preset.config.to_params())  # fmt: skip
        if preset.cures:
            failing = PRESETS[preset.cures].config
            against = {twin_link.NAME: twin_link.written(failing, preset.config)}
            st.page_link("pages/10_train_2d.py", label=tr("Beside the failure, as twins"), icon=":material/call_split:",
                         query_params=failing.to_params() | against)  # fmt: skip


def evidence(preset: Preset) -> str:
    """What the preset promises, in words: "Modes 0–1, JSD ≥ 0.55"."""
    n_modes = len(lookup(preset.config.target).weights)
    tops = {
        "modes": n_modes,
        "modes_best": n_modes,
        "modes_worst": n_modes,
        "high_quality": 1,
        "d_real": 1,
        "d_fake": 1,
    }
    parts = []
    for name, (low, high) in preset.evidence.items():
        if name in FIGURES:
            top = tops.get(name, 0.693 if "jsd" in name or name == "proven" else float("inf"))
            parts.append(f"{tr(FIGURES[name])} {_range(low, high, top)}")
    return ", ".join(parts)


def _range(low: float, high: float, top: float) -> str:
    if low == high:
        return f"= {low:g}"
    if low <= 0:
        return f"≤ {high:g}"
    return f"≥ {low:g}" if high >= top else f"{low:g} … {high:g}"
