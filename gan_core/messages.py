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


def _again(template: str, values: dict[str, Any]) -> Message:
    return Message(template, **values)
