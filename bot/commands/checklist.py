"""``yibao checklist``: the list for one person without a conversation, for clerks: text, Markdown, JSON or PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path

from bot.commands.console import messages
from knowledge.checklist import evaluate
from knowledge.compose import Composer
from knowledge.conditions import FactValue
from knowledge.content import load_content
from knowledge.models import Fact, Language
from knowledge.reply import Reply, ReplyItem

_COLONS = ":："
_CHINESE_FONT = "STSong-Light"  # every reader of PDF has a font for it; none needs to be shipped
_NEEDED = (("yes", "list_needed"), ("if_applicable", "list_if"), ("no", "list_no"))


class UnknownChecklist(ValueError):
    """There is no such checklist, or a fact has an impossible value."""


def make(
    checklist: str,
    facts: Mapping[str, FactValue],
    *,
    person: str | None = None,
    today: date,
    language: Language = "en",
) -> tuple[Composer, Reply]:
    """The list as a reply; for "the insured person" where no ``person`` is named.

    Raises:
        UnknownChecklist: with what there is.
    """
    content = load_content()
    if checklist not in content.checklists:
        raise UnknownChecklist(f"there is no checklist {checklist!r}; choose one of {', '.join(content.checklists)}.")
    for fact, value in facts.items():
        if not content.facts[fact].accepts(value):
            raise UnknownChecklist(f"--{fact.replace('_', '-')} cannot be {value}; {_range(content.facts[fact])}.")
    result = evaluate(content.checklists[checklist], facts, definitions=content.facts, derivations=content.derivations)
    composer = Composer(content, today, language)
    return composer, composer.checklist(result, person=person or composer.phrase("person_someone"))


def write(composer: Composer, reply: Reply, *, format: str, output: Path | None) -> None:
    """Print the list or write it to a file; a PDF is always a file."""
    if format == "pdf":
        path = output or Path(f"{reply.checklist.id if reply.checklist else 'checklist'}.pdf")
        path.write_bytes(pdf(composer, reply))
        messages.print(f"Written to {path}.")
        return
    if format == "json":
        text = json.dumps(reply.to_json(), ensure_ascii=False, indent=2)
    else:
        text = markdown(composer, reply) if format == "markdown" else reply.text
    if output is None:
        print(text)  # noqa: T201 - the answer of the command
    else:
        output.write_text(text + "\n", encoding="utf-8")
        messages.print(f"Written to {output}.")


def markdown(composer: Composer, reply: Reply) -> str:
    """The list with boxes to tick, why each paper is asked for, and the sources."""
    lines = [f"# {reply.blocks[0].text.rstrip(_COLONS)}"]
    for heading, items in _groups(composer, reply):
        lines += ["", f"## {heading.rstrip(_COLONS)}", ""]
        for item in items:
            lines.append(f"- [ ] {item.text} *{item.why}*" if item.needed != "no" else f"- {item.text} *{item.why}*")
    notices = [block.text for block in reply.blocks if block.kind == "notice"]
    lines += ["", *notices, "", _sources(composer, reply)]
    return "\n".join(lines)


def pdf(composer: Composer, reply: Reply) -> bytes:
    """A page to print and tick off."""
    from xml.sax.saxutils import escape

    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

    class Box(Flowable):  # type: ignore[misc]
        """A square to tick."""

        def __init__(self) -> None:
            super().__init__()
            self.width = self.height = 4 * mm

        def draw(self) -> None:
            self.canv.rect(0, 0, self.width, self.height)

    styles = getSampleStyleSheet()
    if composer.language == "zh":
        pdfmetrics.registerFont(UnicodeCIDFont(_CHINESE_FONT))
        for style in styles.byName.values():
            style.fontName, style.wordWrap = _CHINESE_FONT, "CJK"
    story: list[Flowable] = [Paragraph(escape(reply.blocks[0].text.rstrip(_COLONS)), styles["Title"])]
    for heading, items in _groups(composer, reply):
        story.append(Paragraph(escape(heading), styles["Heading2"]))
        for item in items:
            words = f"{escape(item.text)}<br/><font size=8 color='#444444'>{escape(item.why)}</font>"
            box = Box() if item.needed != "no" else ""
            row = Table([[box, Paragraph(words, styles["BodyText"])]], colWidths=[8 * mm, 162 * mm])
            row.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP")])
            story.append(KeepTogether(row))
    story.append(Spacer(0, 6 * mm))
    for block in reply.blocks:
        if block.kind == "notice":
            story.append(Paragraph(escape(block.text), styles["BodyText"]))
    story.append(Paragraph(escape(_sources(composer, reply)), styles["BodyText"]))
    out = BytesIO()
    margins = {"leftMargin": 20 * mm, "rightMargin": 20 * mm, "topMargin": 18 * mm, "bottomMargin": 18 * mm}
    title = reply.blocks[0].text.rstrip(_COLONS)
    SimpleDocTemplate(out, pagesize=A4, title=title, author="yibao", **margins).build(story)
    return out.getvalue()


def _groups(composer: Composer, reply: Reply) -> list[tuple[str, list[ReplyItem]]]:
    named = any(block.kind == "documents" for block in reply.blocks)  # none where the list is not for this person
    items = reply.checklist.items if reply.checklist and named else ()
    groups = [
        (composer.phrase(phrase), [item for item in items if item.needed == needed]) for needed, phrase in _NEEDED
    ]
    return [(heading, members) for heading, members in groups if members]


def _sources(composer: Composer, reply: Reply) -> str:
    heading = composer.phrase("sources", list="")
    return next((line for line in reply.text.split("\n") if line.startswith(heading)), "")


def _range(fact: Fact) -> str:
    if fact.type == "number":
        return f"give {fact.minimum} to {fact.maximum}"
    return f"give one of {', '.join(map(str, fact.values))}"
