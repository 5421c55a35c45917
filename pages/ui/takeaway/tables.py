"""The curves of a run as a table, and what its columns mean as another: plain numbers below one row of names, so that
every reader of CSV takes both, spreadsheets included."""

import csv
import io
from collections.abc import Iterable, Sequence

from gan_core.history import Curves
from pages.ui.text import tr

# column of a history -> its unit, and what it is
COLUMNS: dict[str, tuple[str, str]] = {
    "step": ("steps", "Finished training steps"),
    "d_loss": ("nats", "Loss that D minimises, of the last update before this row, penalties included"),
    "g_loss": ("nats", "Loss that G minimises, of the last update before this row"),
    "jsd": ("nats", "JSD(p_data, p_g) of the p_g that is shown: 0 is perfect, log 2 = 0.693 the worst"),
    "opponent_jsd": ("nats", "JSD(p_data, p_g) of the G that D plays against"),
    "kl_data_model": ("nats", "KL(p_data‖p_g); inf where p_g has nothing and data are"),
    "kl_model_data": ("nats", "KL(p_g‖p_data)"),
    "proven": ("nats", "What D proves of the distance that its loss bounds"),
    "unproven": ("nats", "The rest of that distance, which D has not learnt yet"),
    "provable": ("nats", "That distance: proven + unproven"),
    "proven_error": ("nats", "Standard error of what D proves; 0 without sampling"),
    "d_real": ("1", "Mean of D on data; a raw score where the loss has no probabilities"),
    "d_fake": ("1", "Mean of D on fakes; a raw score where the loss has no probabilities"),
    "d_held_out": ("1", "Mean of D on real images that it was not trained on"),
    "modes": ("1", "Modes, or digits, that p_g covers"),
    "high_quality": ("1", "Share of p_g within 3 σ of a mode"),
    "grad_minimax": ("nats", "Norm of G's gradient under the minimax loss"),
    "grad_non_saturating": ("nats", "Norm of G's gradient under the non-saturating loss"),
    "class_jsd": ("nats", "JSD of the shares of the ten digits"),
    "class_kl_data_model": ("nats", "KL of the digits' true shares from those of the fakes; inf where a digit is missing"),
    "class_kl_model_data": ("nats", "KL of the digits' shares among the fakes from the true ones"),
    "confidence": ("1", "How sure the classifier is of a fake, on average"),
    "sure": ("1", "Share of the fakes of which the classifier is more than 90 % sure"),
    "frechet": ("1", "Fréchet distance of the classifier's features, comparable only within this app"),
    "shadow_jsd": ("nats", "JSD of the shadows of both clouds of images on a plane: at most that of the images"),
}  # fmt: skip


def curves(history: Curves) -> bytes:
    """One row per measurement; an unknown value is nan, an infinite one inf."""
    names = list(history)
    rows = zip(*(history[name].tolist() for name in names), strict=True)
    return _csv(names, ([_shown(value) for value in row] for row in rows))


def columns(history: Curves) -> bytes:
    """What the columns of `curves` mean, in the language that is spoken: name, unit, meaning; unit 1 is a bare number."""
    units = {"nats": tr("nats"), "steps": tr("steps"), "1": "1"}
    rows = ([name, units[COLUMNS[name][0]], tr(COLUMNS[name][1])] for name in history)
    return _csv([tr("column"), tr("unit"), tr("meaning")], rows)


def _shown(value: float) -> str:
    return f"{value:.0f}" if value.is_integer() else repr(value)


def _csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")
