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
        "layers": tr("Layers"), "close": tr("Close"),
        "fullstage": tr("Full stage"), "leave_fullstage": tr("Leave the full stage"),
        "keys": tr("Keys"),
        "room": tr("Open a room"), "share": tr("Share this view"), "copy": tr("Copy the link"), "copied": tr("Copied"),
        "what": tr("What others see"), "controls": tr("Controls"), "panels": tr("Panels"), "around": tr("Around the stage"),
        "transport": tr("Buttons"), "steps": tr("Single steps"), "sentence": tr("Sentence"), "numbers": tr("Sentence and numbers"),
        "menus": tr("Menus above"), "prose": tr("Text below"), "link": tr("Link"), "qr": tr("QR code of the link"),
        "enlarge": tr("Large QR code"), "too_long": tr("The link is too long for a QR code: copy it instead."),
        "no_qr": tr("The QR code did not arrive; the link itself works."),
        "only_here": tr("This address names this computer: other devices cannot open it."),
    }  # fmt: skip
