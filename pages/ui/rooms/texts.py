"""Every text of a room's windows, in the visitor's language; the browser's half finds them by these keys."""

from pages.ui.text import tr


def room_texts() -> dict[str, str]:
    """Key -> text; {n} and the like are filled in by the browser."""
    return _for_all() | _for_the_host() | _for_members()


def _for_all() -> dict[str, str]:
    return {
        "room": tr("Room"), "close": tr("Close"), "open": tr("Open a room"), "join": tr("Join a room"),
        "code": tr("Code of the room"), "enter": tr("Join"), "no_such": tr("There is no such room."),
        "opening": tr("A room is being opened …"), "not_opened": tr("The room could not be opened: try again in a moment."),
        "over": tr("This room is closed."), "away": tr("The connection is away; it comes back by itself."),
        "answered": tr("{n} of {of} have answered"),
    }  # fmt: skip


def _for_the_host() -> dict[str, str]:
    return {
        "your_room": tr("Your room"), "here": tr("{n} here"), "enlarge": tr("Large QR code"), "qr": tr("QR code of the link"),
        "no_qr": tr("The QR code did not arrive; the link itself works."),
        "only_here": tr("This address names this computer: other devices cannot open it."),
        "lead": tr("Everybody goes along to the page that I open"), "lock": tr("Nobody new can join"),
        "help_host": tr("Who scans the code, follows the link or types the five letters sees your training live, in their own "
                        "language, and can take a copy of it. If this computer sleeps or the page is loaded again, the room "
                        "waits ten minutes for you. Nothing is kept when it closes."),
        "predict": tr("Predict questions of this page"), "free": tr("A question of your own"), "question": tr("Question"),
        "choice": tr("Choice"), "number": tr("Number"), "option": tr("Answer {n}"), "low": tr("Smallest"), "high": tr("Largest"),
        "ask": tr("Ask the room"), "reveal": tr("Reveal"), "put_away": tr("End the question"), "results": tr("Answers"),
        "table": tr("All votes as CSV"), "close_room": tr("Close the room"),
        "seats": tr("Who is here"), "seat": tr("Seat {n}"), "slider": tr("Slider"), "hand": tr("Hand it over"),
        "take_back": tr("Take it back"), "holds": tr("{name} holds a slider"),
        "help_hand": tr("One seat can move one slider of your training, until you take it back."),
    }  # fmt: skip


def _for_members() -> dict[str, str]:
    return {
        "back": tr("Back to the lecturer"), "copy": tr("Take a copy"), "leave": tr("Leave the room"),
        "host_away": tr("The lecturer is away; the room waits."), "name": tr("Nickname (optional)"), "rename": tr("Use this name"),
        "help_member": tr("You see the lecturer's training. Look around as you like; a copy is yours alone, and goes on from this "
                          "moment."),
        "voted": tr("Your answer is in. You can change it until the answers are revealed."), "vote": tr("Send my answer"),
        "hide": tr("Hide"), "your_slider": tr("This slider is yours"),
        "help_slider": tr("It moves the lecturer's training, for all to see."),
    }  # fmt: skip
