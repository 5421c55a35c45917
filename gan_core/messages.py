"""Sentences for a reader, in English, that a page can put into another language."""

from typing import Any


class Message(str):
    """A formatted sentence that remembers its template and values.

    Attributes:
        template: the sentence with {placeholders}: the key of a translation.
        values: what to put into them.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Message":
        """Format `template` with `values`."""
        message = super().__new__(cls, template.format(**values))
        message.template, message.values = template, values
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.template, self.values)  # pickled, so that it can come from another process


def why_stopped(error: Exception) -> Message:
    """What to say of a training that has stopped by this: its own sentence, where it has one."""
    if error.args and isinstance(error.args[0], Message):
        return error.args[0]
    return Message("Training stopped by an unexpected {kind}: {error}", kind=type(error).__name__, error=str(error))


def _again(template: str, values: dict[str, Any]) -> Message:
    return Message(template, **values)
