"""What a recording keeps of the fields of an evaluation or a view; see `film`.

x: Array = field(metadata=KEPT_ONCE)
"""

import dataclasses

ONCE, NEVER = "once", "never"
KEPT_ONCE = {"kept": ONCE}  # the same at every moment of a run
KEPT_NEVER = {"kept": NEVER}  # only behind the numbers


def kept(field: "dataclasses.Field[object]") -> str | None:
    """ONCE, NEVER, or None: of every moment."""
    return field.metadata.get("kept")
