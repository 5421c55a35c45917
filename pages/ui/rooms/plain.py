"""Markdown with formulas as one line of plain text, for a phone's card: θ² instead of $\\theta^2$."""

import re

_WORDS = {
    "theta": "θ", "psi": "ψ", "sigma": "σ", "gamma": "γ", "infty": "∞", "cdot": "·", "log": "log", "ln": "ln", "le": "≤",
    "ge": "≥", "approx": "≈", "times": "×", "pm": "±", "to": "→", "mathbb": "", "text": "", "mathrm": "",
}  # fmt: skip
_RAISED = str.maketrans("0123456789-+−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁻")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FRACTIONS = {("1", "2"): "½", ("1", "3"): "⅓", ("1", "4"): "¼", ("3", "4"): "¾"}


def plain(markdown: str) -> str:
    """The text as it reads, without marks of Markdown and LaTeX."""
    parts = re.split(r"\$([^$]*)\$", markdown)  # text, formula, text, ...
    text = "".join(_formula(part) if i % 2 else _prose(part) for i, part in enumerate(parts))
    return " ".join(text.split())


def _prose(text: str) -> str:
    text = re.sub(r"\*\*(.+?)\*\*", r"\1", text, flags=re.DOTALL)
    text = re.sub(r"(?<![\\\w*])\*(\S[^*]*?)\*(?!\w)", r"\1", text)
    return re.sub(r"\\([*_\\$])", r"\1", text).replace("`", "")


def _formula(latex: str) -> str:
    text = re.sub(r"\\[,;!: ]", " ", latex).replace("-", "−").replace(r"\%", "%").replace(r"\|", "‖")
    text = re.sub(r"\\[td]?frac\s*(\d|\{[^{}]*\})\s*(\d|\{[^{}]*\})", lambda m: _fraction(m[1], m[2]), text)
    text = re.sub(r"\\sqrt\s*(\d|\{[^{}]*\})", lambda m: "√" + _inside(m[1]), text)
    text = re.sub(r"\^(\{[\d+−-]+\}|\d)", lambda m: m[1].strip("{}").translate(_RAISED), text)
    text = re.sub(r"_(\{\d+\}|\d)", lambda m: m[1].strip("{}").translate(_LOWERED), text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _WORDS.get(m[1], m[1]), text)
    text = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)
    text = text.replace("{", "").replace("}", "").replace("^*", "*")
    return re.sub(r"(log|ln)([₀-₉]*)(?=[A-Za-z0-9½⅓¼¾])", r"\1\2 ", text)


def _fraction(above: str, below: str) -> str:
    pair = above.strip("{}"), below.strip("{}")
    return _FRACTIONS.get(pair, "/".join(map(_inside, pair)))


def _inside(group: str) -> str:
    text = group.strip("{}")
    return text if len(text) == 1 else f"({text})"
