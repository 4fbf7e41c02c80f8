"""Rendering the pages: templates, their sentences, dates, and the language of every text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bot.channels import texts
from bot.runtime import paths
from knowledge.models import Language
from knowledge.reply import Citation

TEMPLATES = paths.ROOT / "bot" / "web" / "templates"
_SENTENCES = TEMPLATES / "pages.yml"
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
HTML_LANGUAGE = {"en": "en", "zh": "zh-CN"}


@dataclass(frozen=True)
class Renderer:
    """Fills templates in one folder."""

    environment: Environment

    @classmethod
    def of(cls, folder: Path = TEMPLATES) -> Renderer:
        """A renderer that escapes everything, and fails on a name that is not given."""
        environment = Environment(
            loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        environment.filters["said"] = _said
        return cls(environment)

    def page(self, template: str, language: Language, *, path: str, chosen: bool = False, **values: Any) -> str:
        """A page; ``values`` are what the template needs, and links keep to a language that was ``chosen``."""
        say = partial(_say, language)
        return self.environment.get_template(template).render(
            say=say,
            day=partial(_day, language),
            named=partial(_named, say),
            link=partial(_link, language if chosen else None),
            chosen=chosen,
            language=language,
            html_language=HTML_LANGUAGE[language],
            path=path,
            **{"address": "", "revision": "", **values},
        )


def language_of_text(text: str) -> Language:
    """The language that a text is written in, by its letters (an English word is as long as three Chinese)."""
    return "zh" if len(_HAN.findall(text)) * 3 > len(_LATIN.findall(text)) else "en"


@pass_context
def _said(context: Context, text: str) -> Markup:
    """The text, marked where its language is not that of the page."""
    language = language_of_text(text)
    if language == context["language"] or not text:
        return escape(text)
    return Markup('<span lang="{}">{}</span>').format(HTML_LANGUAGE[language], text)


def _say(language: Language, name: str, **values: object) -> str:
    return texts.sentences(_SENTENCES)[name][language].format(**values)


def _day(language: Language, day: str | date) -> str:
    try:
        day = date.fromisoformat(day) if isinstance(day, str) else day
    except ValueError:  # only a year, or a year and a month
        return str(day)
    month = _say(language, f"month_{day.month}")
    return _say(language, "day", day=day.day, month=month, year=day.year)


def _named(say: Callable[..., str], citation: Citation) -> str:
    if citation.kind == "source":
        return say("source_page", page=citation.id.split("#")[0], title=citation.title)
    if citation.article is None:
        return citation.title
    return say("article", law=citation.title, number=citation.article)


def _link(language: Language | None, address: str) -> str:
    """An address on this site that keeps to a chosen language."""
    if language is None:
        return address
    address, hash_mark, place = address.partition("#")
    return f"{address}?language={language}{hash_mark}{place}"
