"""Every text of the stage's own controls, in the visitor's language; the browser's half finds them by these keys."""

from pages.ui.text import tr


def stage_texts() -> dict[str, str]:
    """Key -> text."""
    return {
        "play": tr("Play"), "pause": tr("Pause"), "step": tr("Step ×1"), "reset": tr("Reset"), "seed": tr("New seed"),
        "speed": tr("Steps per second"), "max": tr("max"),
        "help_play": tr("Train, or stop here; nothing is lost. Training goes on while this tab is hidden."),
        "help_step": tr("Pause, then do exactly this many steps."),
        "help_reset": tr("Back to step 0 with the same seed: the same training again."),
        "help_seed": tr("Back to step 0 with other random weights and samples."),
        "connecting": tr("Connecting …"), "away": tr("The connection is away; it comes back by itself."),
        "restarted": tr("The server was started anew: the same experiment begins again."),
        "full": tr("Too many pages are open; this one tries again by itself."),
        "layers": tr("Layers"), "close": tr("Close"),
        "fullstage": tr("Full stage"), "leave_fullstage": tr("Leave the full stage"),
        "keys": tr("Keys"), "room": tr("Open a room"),
        "timeline": tr("Timeline"), "moments": tr("Moment back, moment on"), "drag": tr("Drag to look back"),
        "at_step": tr("step {step}"), "at_now": tr("now: step {step}"), "looking_back": tr("looking back at step {step}"),
        "now": tr("Now"), "help_now": tr("To the training as it is now (Esc). It goes on meanwhile."),
        "play_film": tr("Play the film of the training"), "stop_film": tr("Stop the film"),
        "film_speed": tr("Speed of the film"), "loop_film": tr("Play the film again and again"),
        "branch": tr("Go on from step {step}"),
        "help_branch": tr("Go on differently from there, with the weights, optimizers and random numbers of then. "
                          "The training until now becomes the ghost."),
        "branched": tr("branched at step {step}"),
        "branched_link": tr("This training took up an earlier one. A link always begins at step 0: it has the settings of now, "
                            "but not what was learned before the branch."),
        "ghost": tr("Ghost"), "keep_ghost": tr("Keep as ghost"),
        "help_keep_ghost": tr("Keep this training, to compare the next ones with it."),
        "ghost_behind": tr("behind"), "ghost_side": tr("beside"), "ghost_off": tr("off"),
        "help_ghost_behind": tr("The other training, faint behind this one"),
        "help_ghost_side": tr("The other training at the side of this one"), "help_ghost_off": tr("This training alone"),
        "drop_ghost": tr("Let the ghost go"), "end_twins": tr("End twins"), "which_twin": tr("The twin that the sliders move"),
        "share": tr("Share this view"), "copy": tr("Copy the link"), "copied": tr("Copied"),
        "what": tr("What others see"), "controls": tr("Controls"), "panels": tr("Panels"), "around": tr("Around the stage"),
        "transport": tr("Buttons"), "steps": tr("Single steps"), "sentence": tr("Sentence"), "numbers": tr("Sentence and numbers"),
        "menus": tr("Menus above"), "prose": tr("Text below"), "link": tr("Link"), "qr": tr("QR code of the link"),
        "enlarge": tr("Large QR code"), "too_long": tr("The link is too long for a QR code: copy it instead."),
        "no_qr": tr("The QR code did not arrive; the link itself works."),
        "only_here": tr("This address names this computer: other devices cannot open it."),
    }  # fmt: skip
