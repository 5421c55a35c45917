"""The game in one picture: z → G → fake → D ← data, and the two arrows that teach."""

import html

import streamlit as st

from pages.ui.text import tr

_SVG = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 366" width="1000" height="366" color="{text}"
  font-family="'Source Sans', 'Noto Sans', 'Noto Sans KR', 'Malgun Gothic', 'Apple SD Gothic Neo', sans-serif">
  <defs>
    <marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="5.5" markerHeight="5.5" orient="auto-start-reverse">
      <path d="M0 0 10 5 0 10z" fill="context-stroke"/></marker>
  </defs>
  <g fill="none" stroke="currentColor" stroke-width="3" stroke-opacity=".65">
    <path d="M128 215H196" marker-end="url(#tip)"/>
    <path d="M402 215H456" marker-end="url(#tip)"/>
    <path d="M564 215 650 178" marker-end="url(#tip)"/>
    <path d="M564 78 650 118" marker-end="url(#tip)"/>
    <path d="M862 148H906" marker-end="url(#tip)"/>
  </g>
  <g font-size="22" text-anchor="middle" fill="currentColor">
    <circle cx="85" cy="215" r="43" fill="none" stroke="currentColor" stroke-opacity=".5" stroke-width="3"/>
    <text x="85" y="213" font-size="30" font-style="italic">z</text>
    <text x="85" y="237" font-size="17">{noise}</text>
    <g stroke-width="4" fill-opacity=".14">
      <rect x="202" y="160" width="200" height="110" rx="14" fill="{generator}" stroke="{generator}"/>
      <rect x="656" y="93" width="206" height="110" rx="14" fill="{discriminator}" stroke="{discriminator}"/>
      <rect x="460" y="178" width="104" height="74" rx="8" fill="{generator}" stroke="{generator}"/>
      <rect x="460" y="41" width="104" height="74" rx="8" fill="{data}" stroke="{data}"/>
    </g>
    <text x="302" y="207" font-size="25" font-weight="600">{forger}</text><text x="302" y="240">{g}</text>
    <text x="759" y="140" font-size="25" font-weight="600">{police}</text><text x="759" y="173">{d}</text>
    <text x="512" y="211">{fake}</text><text x="512" y="237" font-size="18" font-style="italic">G(z)</text>
    <text x="512" y="74">{real}</text><text x="512" y="100" font-size="18" font-style="italic">x</text>
    <text x="950" y="143" font-size="26" font-style="italic">D(x)</text>
    <text x="950" y="170" font-size="17">{probability}</text>
  </g>
  <g fill="none" stroke-width="3.5" stroke-dasharray="9 7">
    <path d="M759 207C759 345 302 345 302 276" stroke="{generator}" marker-end="url(#tip)"/>
    <path d="M940 122C930 30 780 20 768 87" stroke="{discriminator}" marker-end="url(#tip)"/>
  </g>
  <g font-size="19" text-anchor="middle" fill="currentColor">
    <text x="530" y="353">{teach_g}</text>
    <text x="800" y="22">{teach_d}</text>
  </g>
</svg>
"""


def game_picture() -> None:
    """Draw the picture in the colours of the theme."""
    theme = st.context.theme.type or "light"
    colors = st.get_option(f"theme.{theme}.chartCategoricalColors")
    palette = dict(zip(("data", "generator", "discriminator"), colors, strict=False))
    palette["text"] = st.get_option(f"theme.{theme}.textColor")
    names = {
        "noise": tr("noise"), "forger": tr("Forger"), "police": tr("Police"), "g": tr("generator G"),
        "d": tr("discriminator D"), "fake": tr("fake"), "real": tr("data"), "probability": tr("P(real)"),
        "teach_g": tr("“this is how you could have fooled me”"), "teach_d": tr("“this was real, that was fake”"),
    }  # fmt: skip
    svg = _SVG.format(**{k: html.escape(v) for k, v in names.items()}, **palette)
    st.image(svg.strip(), width="stretch",
             alt=tr("z goes into the generator, which makes a fake; the discriminator judges fakes and data"))  # fmt: skip
