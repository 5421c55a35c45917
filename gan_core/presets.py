"""Named experiments: some that are known to converge, some that are known to fail, and their cures.

Every preset states its evidence: what must be measured after its steps with its seed. The tests hold it to that, and
`python -m benchmarks.convergence` repeats the converging ones with five seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gan_core.config import TrainConfig
from gan_core.training import GANTrainer


@dataclass(frozen=True)
class Preset:
    """One experiment.

    Attributes:
        config: the settings, with their seed.
        steps: by when its evidence is there.
        evidence: name of a figure of `measure` -> (lowest, highest) value after these steps.
        story: one line: what it shows.
        look_for: what to watch while it runs.
        kind: whether it "converges", "fails" on purpose, or is the "cure" of a failing one.
        cures: key of the failing preset that it differs from in one setting; "" if it is no cure.
    """

    key: str
    name: str
    config: TrainConfig
    steps: int
    evidence: Mapping[str, tuple[float, float]]
    story: str
    look_for: str = ""
    kind: Literal["converges", "fails", "cure"] = "converges"
    cures: str = ""


def measure(trainer: GANTrainer) -> dict[str, float]:
    """The figures that evidence is about: those of the last row of the history, now, and over its second half:

    jsd_best, jsd_worst: lowest and highest JSD, but for images; modes_best, modes_worst: highest and lowest number of
    modes.
    """
    figures = {name: float(value) for name, value in trainer.curves(trainer.evaluate()).items()}
    history = trainer.history.arrays()
    late = history["step"] >= trainer.step_count / 2
    if "jsd" in history:
        figures |= {"jsd_best": float(history["jsd"][late].min()), "jsd_worst": float(history["jsd"][late].max())}
    modes = history["modes"][late]
    return figures | {"modes_best": float(modes.max()), "modes_worst": float(modes.min())}


# the 1D recipe with a plane of latents and a D that learns more per step of G
RECIPE_2D = TrainConfig(target="ring_8", latent_dim=2, d_steps=4, lr_decay_steps=6000)

# closer, for four times the computing: a sheet of latents has to be folded, four have room; a D of four layers sees inside
# of modes; it would lose some of them but for its packs
CLOSE_2D = RECIPE_2D.replace(latent_dim=4, depth=4, packing=2, d_steps=8, ema_decay=0.999)

TEXTBOOK = TrainConfig(
    target="ring_8", latent_dim=2, width=64, depth=2, g_activation="relu", d_activation="leaky_relu",
    spread_start=False, batch_size=256, lr_g=1e-3, lr_d=1e-3, beta1=0.5, beta2=0.999, d_steps=1, lr_decay_steps=0,
    ema_decay=0.0,
)  # Adam and networks as most tutorials have them; the failures start from here  # fmt: skip

# images: Adam as Radford et al. (2016) have it; the networks are those of `images.networks.ARCHITECTURES`
FAST = TrainConfig(
    target="mnist", architecture="fast", latent_dim=32, batch_size=64, lr_g=2e-3, lr_d=2e-3, beta1=0.5, beta2=0.999,
    d_steps=1, lr_decay_steps=0, ema_decay=0.995, dropout=0.3,
)  # fmt: skip
NOTE = FAST.replace(
    architecture="note", latent_dim=100, batch_size=128, lr_g=2e-4, lr_d=2e-4, dropout=0.5, ema_decay=0.999
)

# failing settings that several cures share; the ranges of their evidence hold with room to spare
STRONG_D = TEXTBOOK.replace(d_steps=5, lr_d=2e-3, lr_g=5e-4)
STARVING = TEXTBOOK.replace(loss="minimax", d_steps=3, lr_d=1e-2, lr_g=1e-4, seed=2)
RESTLESS = TEXTBOOK.replace(lr_g=4e-3, lr_d=4e-3)

PRESETS: dict[str, Preset] = {
    p.key: p
    for p in (
        Preset("two_modes", "Two modes", TrainConfig(target="two_modes"), 4000, {"jsd": (0, 0.012)},
               "Two bells from one: G has to cut its lump in two."),
        Preset("gaussian", "One Gaussian", TrainConfig(target="gaussian"), 4000, {"jsd": (0, 0.01)},
               "The easiest case: shift, stretch, done."),
        Preset("three_modes", "Three modes", TrainConfig(target="three_modes"), 4000, {"jsd": (0, 0.03)},
               "Two cliffs in the map z → G(z), three bells in the data."),
        Preset("skewed", "Skewed", TrainConfig(target="skewed"), 4000, {"jsd": (0, 0.01)},
               "One steep side, one gentle side, no gap."),
        Preset("uniform", "Uniform", TrainConfig(target="uniform"), 4000, {"jsd": (0, 0.015)},
               "Flat, with two cliffs that no smooth density quite reaches."),
        Preset("comb", "Comb", TrainConfig(target="comb"), 4000, {"jsd": (0, 0.15), "modes": (7, 7)},
               "Seven narrow teeth: as near as this recipe comes."),
        Preset("comb_close", "Comb, four latents", TrainConfig(target="comb", latent_dim=4, depth=3, d_steps=4), 4000,
               {"jsd": (0, 0.06), "modes": (7, 7)},
               "The same teeth from four latents, with one more layer and twice the D steps: a fifth of the JSD.",
               "Two teeth or three for a thousand steps, then one after another splits. p_g is counted in samples now: only with "
               "one latent is it known exactly."),
        Preset("uneven_modes", "Uneven modes", TrainConfig(target="uneven_modes", instance_noise=0.3, seed=2), 4000,
               {"jsd": (0, 0.03), "modes": (2, 2)},
               "One mode holds four fifths. A little fading noise leads G to the other.",
               "Without the noise this seed keeps to the large mode, with a JSD of 0.08 at the end. With it both are there, too "
               "wide at first: as the noise fades they get their shape."),
        Preset("heavy_tail", "Heavy tails", TrainConfig(target="heavy_tail"), 4000,
               {"jsd": (0, 0.01), "kl_data_model": (0, 0.05)},
               "Most samples near 0, some far out: will G reach the rare ones?",
               "The JSD is small by step 400 already, while KL(p_data‖p_g) is infinite: the fakes end before the data do. By step "
               "1,000 G reaches all of the window, and the KL is finite."),
        Preset("f_kl", "f-GAN, KL", TrainConfig(loss="f_kl", lr_decay_steps=2000), 2000,
               {"jsd": (0, 0.03), "proven": (-0.01, 0.1)},
               "D proves a part of KL(p_data‖p_g), and G lowers it.",
               "The KL is infinite until the end, as some thin tail of the data is never reached. What D proves of it is a "
               "few hundredths: hardly a batch shows that tail."),
        Preset("ring_8", "Ring of 8", RECIPE_2D, 6000,
               {"jsd": (0, 0.14), "modes": (8, 8), "high_quality": (0.94, 0.992)},
               "The classic: one lump of fakes has to become eight.",
               "The lump unfolds into eight within 1,000 steps. Then the slow part begins: each mode has to get its "
               "width, and the bridges between them have to thin."),
        Preset("ring_8_patient", "Ring of 8, patient", CLOSE_2D, 6000,
               {"jsd": (0, 0.05), "modes": (8, 8), "high_quality": (0.965, 0.992)},
               "Four latents and two more layers: a quarter of the JSD, for four times the computing.",
               "It looks no better at first. Then the bridges thin, and the modes get a width and an inside that D hardly tells "
               "from the real ones."),
        Preset("uneven_ring", "Uneven ring", CLOSE_2D.replace(target="uneven_ring"), 6000,
               {"jsd": (0, 0.05), "modes": (8, 8), "high_quality": (0.965, 0.992)},
               "Every other mode holds a twentieth: rare, and easily lost.",
               "D judges two samples together. Without these packs, some seeds lost whole modes in our trials."),
        Preset("grid_25", "Grid of 25", RECIPE_2D.replace(target="grid_25", d_steps=3, lr_decay_steps=8000), 8000,
               {"jsd": (0, 0.17), "modes": (24, 25), "high_quality": (0.85, 0.992)},
               "Twenty-five modes: the sheet of latents has to be folded into a grid.",
               "The first modes appear by step 500, all of them by 4,000. Look at the latent plane: a map of 25 countries."),
        Preset("grid_25_patient", "Grid of 25, patient", RECIPE_2D.replace(
                   target="grid_25", latent_dim=4, depth=3, d_steps=2, batch_size=1024, ema_decay=0.999, lr_decay_steps=8000),
               8000,
               {"jsd": (0, 0.07), "modes": (25, 25), "high_quality": (0.945, 0.992)},
               "Four latents, one more layer, batches twice as large: less than half of the JSD, for twice the computing.",
               "The modes are all there before half of the time is over. The rest of it thins the bridges between them, and fills "
               "them rightly."),
        Preset("disjoint", "Three islands", RECIPE_2D.replace(
                   target="disjoint", d_steps=2, instance_noise=0.3, lr_decay_steps=5000), 5000,
               {"jsd": (0, 0.12), "modes": (3, 3), "high_quality": (0.93, 0.992)},
               "Islands far apart. Fading noise builds a slope across the sea.",
               "Without instance noise G keeps two of the three islands. With it, the third is found at once, and as "
               "the noise fades the modes take their shape."),
        Preset("two_blobs", "Two blobs", RECIPE_2D.replace(target="two_blobs", d_steps=2, lr_decay_steps=5000), 5000,
               {"jsd": (0, 0.05)},
               "One round, one upright, close together: hardly a contest.",
               "D(real) and D(fake) meet at ½, and this time the JSD agrees."),
        Preset("annulus", "Ring", RECIPE_2D.replace(target="annulus", d_steps=2, lr_decay_steps=5000), 5000,
               {"jsd": (0, 0.14)},
               "A closed curve from a sheet: somewhere the ends have to meet.",
               "A sheet cannot become a ring without folding or a thin skin across. Switch the manifold on."),
        Preset("line", "Line", RECIPE_2D.replace(target="line", d_steps=2, lr_decay_steps=5000), 5000,
               {"jsd": (0, 0.08)},
               "A plane of latents has to become thinner than a hair.",
               "The fakes find the line first, then they thin."),
        Preset("spiral", "Spiral", RECIPE_2D.replace(target="spiral", d_steps=3), 6000,
               {"jsd": (0, 0.12)},
               "No modes, no gaps, only bends: G rolls its sheet up.",
               "The fakes first fill the disc, then the turns separate."),
        Preset("ring_8_published", "Needles on a ring", RECIPE_2D.replace(
                   target="ring_8_published", d_steps=3, instance_noise=0.2, lr_decay_steps=10000), 10000,
               {"modes": (8, 8), "high_quality": (0.8, 0.992), "jsd": (0, 0.35)},
               "The ring of the papers: modes of σ = 0.01, as sharp as needles.",
               "All eight are found by step 2,000; their width is what D cannot resolve, so the JSD falls late."),
        Preset("grid_25_published", "Needles on a grid", RECIPE_2D.replace(
                   target="grid_25_published", d_steps=3, instance_noise=0.1, lr_decay_steps=10000, seed=5), 10000,
               {"modes": (24, 25), "high_quality": (0.75, 0.992), "jsd": (0, 0.3)},
               "The grid of the papers: 25 modes of σ = 0.05, two units apart.",
               "By step 3,000 all 25 are there. The papers needed hundreds of thousands of steps; what helps most "
               "here is a D whose first neurons are bent all over the window."),
        Preset("fast_start", "Fast start", FAST.replace(lr_g=3e-3, lr_d=3e-3, dropout=0.0), 1500,
               {"modes": (10, 10), "confidence": (0.8, 1)},
               "Digits within half a minute: narrow layers, and batch norm in G.",
               "Blots, then strokes, then digits."),
        Preset("tiny", "Tiny, 14 × 14", FAST.replace(architecture="tiny"), 1500,
               {"modes": (10, 10), "confidence": (0.75, 1)},
               "A quarter of the pixels: digits within seconds.",
               "The same networks on small pictures. Fewer pixels, fewer ways to be wrong."),
        Preset("dcgan", "Small DCGAN", FAST.replace(
                   architecture="dcgan", latent_dim=64, lr_g=1e-3, lr_d=1e-3, ema_decay=0.99), 300,
               {"modes": (9, 10), "confidence": (0.65, 1)},
               "Convolutions: few steps, but each one is slow.",
               "Compare digits per step and digits per minute with the fast start."),
        Preset("note", "The note's network", NOTE, 1200, {"modes": (8, 10), "confidence": (0.6, 1)},
               "Four linear layers each, and D forgets half of its neurons: the lecture note's example.",
               "From random weights it takes minutes to digits and an hour to good ones on one core. Choose a later "
               "**Start** to begin where our own training stood, and play on from there."),
        Preset("textbook_ring", "Healthy ring", TEXTBOOK, 2500,
               {"modes": (7, 8), "jsd": (0.1, 0.4), "d_real": (0.44, 0.57), "d_fake": (0.42, 0.55),
                "proven": (-0.03, 0.06)},
               "It looks done and D says ½. The JSD says: not quite.",
               "All eight modes fill up by step 700, then D(real) and D(fake) settle at ½. Yet the JSD hangs at 0.3, "
               "far above what D proves: D has stopped looking, G has not arrived."),
        Preset("sharper_d", "Sharper D", TEXTBOOK.replace(lr_g=5e-4), 2500,
               {"modes": (7, 8), "modes_worst": (5, 8), "jsd": (0.1, 0.31), "jsd_worst": (0.1, 0.36)},
               "D learns twice as fast as G: a calmer run, and a closer fit.",
               "Compare the JSD with the healthy ring: lower peaks, a lower floor. What D proves stays a little "
               "higher, because a D that keeps up keeps finding fault."),
        Preset("r3gan", "Pairs, R1 and R2", TEXTBOOK.replace(loss="relativistic", r1_gamma=0.1, r2_gamma=0.1, seed=2), 2500,
               {"modes_best": (7, 8), "jsd": (0.2, 0.42), "jsd_worst": (0.2, 0.46)},
               "The loss of R3GAN (2024), on the healthy ring: as good, not better.",
               "The median JSD of five seeds is 0.33, that of the textbook 0.31. What it is made for, large networks that "
               "otherwise fail, is not seen on a ring."),
        Preset("hopping", "Hopping", TEXTBOOK.replace(lr_g=1e-2, lr_d=1e-4, seed=2), 1500,
               {"modes_best": (1, 3), "jsd_best": (0.5, 0.7), "d_real": (0.42, 0.58), "d_fake": (0.42, 0.58),
                "proven": (-0.05, 0.05)},
               "G is a hundred times faster than D: all fakes run from place to place together.",
               "One lump of fakes jumps about and now and then lands on a mode, never the same for long. D(real) and "
               "D(fake) say ½ all the time, while the JSD stays above the ruler of one mode.",
               kind="fails"),
        Preset("weak_d", "Weak D", TEXTBOOK.replace(lr_d=2e-5, seed=2), 2000,
               {"modes": (0, 1), "jsd": (0.52, 0.7), "d_real": (0.42, 0.58), "d_fake": (0.42, 0.58),
                "proven": (-0.04, 0.04)},
               "D = ½ everywhere, and everything is wrong: the false finish.",
               "D(real) and D(fake) sit at ½ as if the game were over, but the JSD is near log 2 = 0.69, the worst "
               "there is. D proves nothing; that is D's failure, not G's success.",
               kind="fails"),
        Preset("strong_d", "Too strong D", STRONG_D, 1500,
               {"modes": (0, 3), "jsd_best": (0.33, 0.65), "d_real": (0.7, 0.95), "d_fake": (0.05, 0.36),
                "proven": (0.23, 0.5)},
               "D sees everything; G clings to the few modes that work.",
               "The fakes gather near two modes within 100 steps and stay there. D(real) is near 0.8, D(fake) near 0.2, and D "
               "proves most of the true JSD: the judge is right, and G still finds no way out.",
               kind="fails"),
        Preset("one_mode", "One mode for ever", TEXTBOOK.replace(d_steps=10, lr_d=5e-3, lr_g=5e-4, seed=3), 1000,
               {"modes_worst": (1, 1), "modes_best": (1, 1), "jsd": (0.46, 0.6), "proven": (0.42, 0.56),
                "d_real": (0.82, 0.94)},
               "The theory at work: D is optimal, and G is stuck.",
               "The JSD lies on the ruler of one mode out of eight, 0.50, and D proves nearly all of it. D(real) is "
               "0.89, just what the best possible D says. Nearly every fake that strays is pointed back to the same "
               "mode.",
               kind="fails"),
        Preset("vanishing", "Vanishing gradient", TEXTBOOK.replace(loss="minimax", lr_g=0.0), 1000,
               {"grad_minimax": (0, 0.02), "grad_non_saturating": (2, 40), "proven": (0.67, 0.7), "d_real": (0.97, 1),
                "d_fake": (0, 0.03)},
               "G is frozen while D becomes perfect: the better the judge, the shorter the arrows.",
               "The two gradient norms start equal. In the end the minimax one is thousands of times smaller than the "
               "non-saturating one. D(real) is 1, D(fake) is 0, and D proves 0.69, all there is.",
               kind="fails"),
        Preset("saturating", "Saturating loss", STARVING, 500,
               {"modes": (0, 0), "jsd": (0.65, 0.7), "d_fake": (0, 0.03), "grad_minimax": (0, 0.01),
                "grad_non_saturating": (2, 40)},
               "G is free to learn, but D is so sure that nothing is left to learn from.",
               "The fakes do not leave the middle: no mode, JSD near log 2. G's gradient is next to nothing, while "
               "the non-saturating loss would see a large one through the very same D.",
               kind="fails"),
        Preset("oscillation", "Restless", RESTLESS, 2000,
               {"jsd_best": (0.1, 0.31), "jsd_worst": (0.38, 0.69), "d_real": (0.4, 0.6), "d_fake": (0.35, 0.6)},
               "Both learn fast, neither settles: the same fit is found and lost again.",
               "The JSD swings between 0.3 and 0.5 and comes to no rest, while D(real) and D(fake) stay near ½. On "
               "the way one of the eight modes runs nearly empty.",
               kind="fails"),
        Preset("momentum", "Too much momentum", TEXTBOOK.replace(beta1=0.9, lr_g=2e-3), 2000,
               {"modes_best": (0, 3), "modes_worst": (0, 0), "jsd_best": (0.5, 0.7)},
               "β₁ = 0.9 is a usual default. Here each player keeps running after the other has turned.",
               "All fakes together run round the ring, a lap in some 350 steps, and stay on no mode. D(real) and "
               "D(fake) swing widely; the JSD stays above the ruler of one mode.",
               kind="fails"),
        Preset("lr_g_too_high", "Learning rate too high", TEXTBOOK.replace(lr_g=5e-2, seed=2), 1500,
               {"modes_best": (0, 2), "modes_worst": (0, 0), "jsd_best": (0.6, 0.7)},
               "G outruns D, and itself: each step throws the fakes across the plane.",
               "The fakes shrink to a single dot that runs round and hits a mode only by chance. The JSD sticks to "
               "log 2. The cure is the textbook's learning rate, fifty times smaller.",
               kind="fails"),
        Preset("dropout_half", "Dropout one half", TEXTBOOK.replace(dropout=0.5), 800,
               {"modes": (0, 5), "jsd": (0.35, 0.69), "high_quality": (0, 0.5)},
               "Medicine or poison? The healthy ring and its seed, but D forgets half of itself at every step.",
               "The healthy ring has eight modes by now. Here the fakes wander as one lump; by step 2,500 they do "
               "find all modes, but blurred, with half the high quality.",
               kind="fails"),
        Preset("ttur", "Faster D", TEXTBOOK.replace(lr_d=1.5e-3, seed=2), 2000,
               {"modes": (7, 8), "jsd": (0.1, 0.5), "d_real": (0.42, 0.58), "d_fake": (0.4, 0.58)},
               "Two time scales: D now learns a little faster than G.",
               "D(real) and D(fake) again end near ½, as in the failing run, but now all modes are there. The figure "
               "of D alone does not tell the two apart; the JSD does.",
               kind="cure", cures="weak_d"),
        Preset("equal_pace", "Equal pace", TEXTBOOK.replace(lr_g=1e-2, lr_d=1e-2, seed=2), 1500,
               {"modes": (6, 8), "modes_best": (7, 8), "jsd": (0.1, 0.5)},
               "D's learning rate goes up to that of G, and the hopping ends.",
               "The lump hops for 200 steps, then it splits. It never becomes calm at such rates, but the modes stay.",
               kind="cure", cures="hopping"),
        Preset("r1", "R1 penalty", STRONG_D.replace(r1_gamma=1.0), 1500,
               {"modes": (7, 8), "jsd": (0.1, 0.33), "d_real": (0.45, 0.57), "proven": (-0.02, 0.1)},
               "A flat D near the data: no cliffs, so the arrows lead everywhere.",
               "For 300 steps nothing seems to happen while the fakes spread; then the modes fill one by one. D stays "
               "near ½ and what it proves near 0, although the JSD is not: the price of a gentle D.",
               kind="cure", cures="strong_d"),
        Preset("instance_noise", "Instance noise", STRONG_D.replace(instance_noise=0.3), 1500,
               {"modes": (3, 8), "modes_worst": (1, 8), "d_real": (0.54, 0.73), "proven": (0.05, 0.23)},
               "Blur data and fakes before D sees them: neighbouring modes come within reach.",
               "Fakes come to most modes, one after the other, but stay blurred, as D cannot see details finer than the "
               "noise: about half of the modes get a peak of their own, where the failing run has none.",
               kind="cure", cures="strong_d"),
        Preset("packing", "Packing by two", STRONG_D.replace(packing=2), 1500,
               {"modes": (5, 8), "modes_worst": (5, 8), "jsd": (0.1, 0.34), "proven": (0.05, 0.35)},
               "D sees two samples at once, and two from the same mode look suspicious.",
               "Six to eight modes instead of two within a few hundred steps, although D is as strong as before.",
               kind="cure", cures="strong_d"),
        Preset("wasserstein_gp", "Wasserstein loss", STRONG_D.replace(loss="wasserstein_gp"), 1500,
               {"modes": (7, 8), "jsd": (0.1, 0.34), "modes_worst": (4, 8)},
               "The critic measures a distance, and a distance has a slope even far away.",
               "Five critic steps per G step are too many for the other losses; here they are what the theory asks "
               "for. The modes fill by step 400.",
               kind="cure", cures="strong_d"),
        Preset("non_saturating", "Non-saturating loss", STARVING.replace(loss="non_saturating"), 500,
               {"modes": (1, 3), "jsd": (0.4, 0.6), "jsd_worst": (0.45, 0.63)},
               "Same start, same D, the other loss for G: off it goes.",
               "G leaves the middle after 100 steps and lands on a mode. It does not get further, as this D is also "
               "far too strong: one cure for one disease.",
               kind="cure", cures="saturating"),
        Preset("hinge", "Hinge loss", STARVING.replace(loss="hinge"), 500,
               {"modes": (0, 3), "modes_worst": (0, 3), "jsd": (0.4, 0.62)},
               "G's loss is as steep for a bad score as for a good one. What can still be flat is D itself.",
               "The fakes set out at once and reach the ring within 150 steps. Too strong a D still leaves them near "
               "one or two modes.",
               kind="cure", cures="saturating"),
        Preset("least_squares", "Least squares loss", STARVING.replace(loss="least_squares"), 500,
               {"jsd": (0.4, 0.6), "d_real": (0.65, 0.95), "d_fake": (0.06, 0.35)},
               "Fakes far on the wrong side pull hardest, not least.",
               "The fakes drift out slowly and keep spreading: the JSD falls, although no mode is full yet. D can no "
               "longer be all sure.",
               kind="cure", cures="saturating"),
        Preset("label_smoothing", "Label smoothing", STARVING.replace(label_smoothing=0.2), 500,
               {"modes": (1, 4), "jsd": (0.4, 0.6), "d_real": (0.55, 0.85), "grad_minimax": (0.02, 5)},
               "Real samples count as 0.8: D is never quite sure, so something is left for G.",
               "D(real) stops near 0.7 instead of 1. G still uses the saturating loss, but its gradient is ten "
               "thousand times larger.",
               kind="cure", cures="saturating"),
        Preset("ema", "Averaged generator", RESTLESS.replace(ema_decay=0.99), 2000,
               {"modes": (6, 8), "jsd_best": (0.1, 0.28), "jsd_worst": (0.1, 0.3)},
               "The players are as restless as before. Shown is the mean of G over the last hundred steps or so.",
               "The losses are those of the failing run, to the last digit; only the picture and its JSD are calm.",
               kind="cure", cures="oscillation"),
        Preset("decay", "Learning rate decay", RESTLESS.replace(lr_decay_steps=2000), 2000,
               {"modes": (7, 8), "jsd": (0.08, 0.25), "jsd_worst": (0.1, 0.32)},
               "Fast at first, then ever smaller steps: the circles close in.",
               "The JSD first swings as in the failing run, then settles lower and lower.",
               kind="cure", cures="oscillation"),
        Preset("less_momentum", "Less momentum", TEXTBOOK.replace(lr_g=2e-3), 2000,
               {"modes": (4, 8), "modes_best": (7, 8), "jsd": (0.1, 0.4)},
               "β₁ = 0.5: both turn when the other one turns.",
               "The fakes hop for 700 steps, as before, but then they find the ring and stay on it.",
               kind="cure", cures="momentum"),
    )
}  # fmt: skip
