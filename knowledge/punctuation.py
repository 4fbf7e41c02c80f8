"""How texts are joined in each language: spaces and marks, and the way a day is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Marks:
    """The marks of one language: between sentences, between items of a list, around a remark, at the end."""

    between: str
    separator: str
    comma: str
    opening: str
    closing: str
    stop: str

    def sentences(self, parts: Iterable[str]) -> str:
        """Sentences one after the other; empty ones are left out."""
        return self.between.join(filter(None, parts))

    def listed(self, parts: Iterable[str]) -> str:
        """Parts of one sentence, each without its full stop."""
        return self.separator.join(part.rstrip(self.stop) for part in parts)

    def ended(self, text: str) -> str:
        """A text as a sentence, with its full stop."""
        return text.rstrip(self.stop) + self.stop

    def words(self, parts: Iterable[str]) -> str:
        """Words in a row."""
        return self.comma.join(parts)

    def remarked(self, text: str, remark: str) -> str:
        """A text with a remark in brackets behind it."""
        remark = remark[:1].lower() + remark[1:].rstrip(self.stop)
        return f"{text.rstrip(self.stop)}{self.opening}{remark}{self.closing}"


MARKS = {
    "en": Marks(" ", "; ", ", ", " (", ")", "."),
    "zh": Marks("", "；", "、", "（", "）", "。"),
}


def written_day(day: date, language: str) -> str:
    """1 January 2027, 2027年1月1日."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day.day} {day:%B} {day.year}"
