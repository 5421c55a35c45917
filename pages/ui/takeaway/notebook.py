"""A notebook that runs the very experiment of a run: the same settings, the same live changes, as many steps.

Its code is that of `gan_core` and matplotlib; its words are in the language that is spoken.
"""

import base64
import pprint
import textwrap
import zlib
from collections.abc import Sequence

from gan_core import Snapshot, TrainConfig
from gan_core.own_targets import Table, lookup, table_behind
from gan_core.recording import Recording
from gan_core.state import MAX_MARKS, Mark
from pages.ui.text import tr

_IMPORTS = """
import matplotlib.pyplot as plt
import numpy as np

from gan_core import GANTrainer, TrainConfig, threads, TrainingDiverged

threads.use_one()  # as many as the app takes, so that every bit is the same
"""

_TABLE = """
import base64
import zlib

from gan_core.own_targets import from_points

packed = (
{packed}
)
points = np.frombuffer(zlib.decompress(base64.b64decode(packed)), dtype="<f8").reshape(-1, {dim})
target = from_points(points, {name!r}, axes={axes!r}, keep_proportions={keep})
"""

_TRAIN = """
trainer = GANTrainer(config)
while True:
    for step, name, value in changes:
        if step == trainer.step_count:
            trainer.update(**{name: value})
    if trainer.step_count >= steps:
        break
    try:
        trainer.step()
    except TrainingDiverged as error:
        print(error)
        break
evaluation, view, history = trainer.evaluate(), trainer.view(), trainer.history.arrays()
"""

_CHECK = """
print(f"step {{trainer.step_count}}: {name} {{evaluation.{column}:.6f}} here, {value:.6f} on the stage")
"""

_LINE = """
figure, (above, below) = plt.subplots(2, 1, figsize=(9, 6), sharex=True, layout="constrained")
above.fill_between(view.x, view.p_data, color="#0072B2", alpha=0.25, label="p_data")
above.plot(view.x, view.p_g, color="#D55E00", lw=2.5, label="p_g")
above.set(ylabel="density", ylim=(0, 1.45 * view.p_data.max()))
above.legend()
below.plot(view.x, view.d, color="#008A65", lw=2.5, label="D(x)")
below.plot(view.x, view.d_star, "k--", alpha=0.5, label="the best answer")
below.set(xlabel=view.axes[0], ylabel="D(x)")
below.legend()
plt.show()
"""

_PLANE = """
figure, axes = plt.subplots(figsize=(7, 6.4), layout="constrained")
(left, right), (bottom, top) = view.bounds
heat = axes.imshow(view.d.T, origin="lower", extent=(left, right, bottom, top), aspect="auto", cmap="PuOr", alpha=0.7)
figure.colorbar(heat, label="D(x)")
axes.scatter(*view.real.T, s=9, color="#0072B2", label="p_data")
axes.scatter(*view.samples.T, s=9, color="#D55E00", label="p_g")
axes.set(xlabel=view.axes[0], ylabel=view.axes[1], xlim=(left, right), ylim=(bottom, top))
axes.legend()
plt.show()
"""

_IMAGES = """
figure, axes = plt.subplots(8, 8, figsize=(7, 7))
for one, pixels in zip(axes.flat, view.fakes.pixels, strict=True):
    one.imshow(255 - pixels, cmap="gray", vmin=0, vmax=255)
    one.set_axis_off()
plt.show()
"""

_CURVE = """
figure, axes = plt.subplots(figsize=(9, 3.5), layout="constrained")
{lines}
for step, name, value in changes:
    axes.axvline(step, color="#7A5195", lw=1)
axes.set(xlabel="step", ylabel={label!r}, yscale="log")
axes.legend()
plt.show()
"""

# kind of target -> code of the picture, columns of the curve, what stands at its axis
DRAWN: dict[str, tuple[str, tuple[tuple[str, str], ...], str]] = {
    "line": (_LINE, (("jsd", "JSD"),), "nats"),
    "plane": (_PLANE, (("jsd", "JSD"),), "nats"),
    "images": (_IMAGES, (("frechet", "Fréchet distance"), ("class_jsd", "class JSD, nats")), ""),
}


def notebook(recording: Recording, now: Snapshot, title: str) -> bytes:
    """The bytes of the .ipynb.

    Args:
        now: the moment up to which it goes. title: its heading.
    """
    import nbformat

    made = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )
    words, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    picture, columns, label = DRAWN[now.config.kind]
    curves = "\n".join(f'axes.plot(history["step"], history["{column}"], label="{name}")' for column, name in columns)
    column, name = columns[0]
    check = _CHECK.format(name=name, column=column, value=getattr(now.evaluation, column))
    marks = [mark for mark in now.marks if mark.step <= now.step]
    made.cells = [
        words(f"# {title}\n\n" + _introduction(recording, now, marks)), code(_IMPORTS.strip()),
        words(tr("**The experiment.** Every setting that differs from the defaults; the others stand in `TrainConfig`.")),
        code(_settings(recording.config, marks, now.step)),
        words(tr("**The training**, by Algorithm 1 of Goodfellow et al. (2014): `d_steps` updates of D, then one of G, and the live changes at their steps.")),
        code(_TRAIN.strip()),
        words(tr("**The same numbers?** On the same machine with the same packages, to the last digit.")), code(check.strip()),
        words(tr("**What G has learnt**, beside the data.")), code(picture.strip()),
        words(tr("**How far apart** over the steps; upright lines are the live changes.")),
        code(_CURVE.format(lines=curves, label=label).strip()),
    ]  # fmt: skip
    for i, cell in enumerate(made.cells):
        cell["id"] = f"cell-{i}"  # the same run gives the same file
    nbformat.validate(made)
    return nbformat.writes(made).encode()


def _introduction(recording: Recording, now: Snapshot, marks: Sequence[Mark]) -> str:
    said = [tr("This notebook repeats a training that ran live: the same settings, the same random numbers, {steps:,} steps. Open it in the folder of the explainer, where `gan_core` is.",
               steps=now.step)]  # fmt: skip
    if now.config.target == "mnist":
        said.append(tr("It needs the four files of MNIST in the folder that `MNIST_DIR` names."))
    if recording.breaks:
        said.append(
            tr("The training diverged on its way and was put back; this notebook stops where it first does so.")
        )
    if len(marks) >= MAX_MARKS:
        said.append(
            tr("Only the last {n} live changes are remembered, so that the numbers may be others here.", n=MAX_MARKS)
        )
    return "\n\n".join(said)


def _settings(config: TrainConfig, marks: Sequence[Mark], steps: int) -> str:
    table = table_behind(lookup(config.target)) if config.kind != "images" else None
    default = TrainConfig()
    fields = {
        name: value
        for name, value in vars(config).items()
        if value != getattr(default, name) or name in ("target", "seed")
    }
    if table:
        fields.pop("target")
    given = [f"    {name}={value!r}," for name, value in fields.items()] + (["    target=target.key,"] if table else [])
    changes = pprint.pformat([tuple(mark) for mark in marks], width=100)
    lines = ["config = TrainConfig(", *given, ")", f"changes = {changes}  # (step, setting, value)", f"steps = {steps}"]
    return "\n".join([*([_points(table)] if table else []), *lines])


def _points(table: Table) -> str:
    packed = base64.b64encode(zlib.compress(table.points.astype("<f8").tobytes(), 9)).decode()
    rows = "\n".join(f"    {part!r}" for part in textwrap.wrap(packed, 110))
    return _TABLE.strip().format(packed=rows, dim=table.points.shape[1], name=table.name, axes=table.axes,
                                 keep=table.keep_proportions) + "\n"  # fmt: skip
