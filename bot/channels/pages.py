"""Questions, answers and law as pages, which work without JavaScript: the same content that the assistant gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.errors import Refused, language_of
from bot.channels.gateway import Gateway
from bot.channels.redaction import redact
from bot.channels.rendering import HTML_LANGUAGE, TEMPLATES, Renderer, language_of_text
from bot.channels.requests import public_address, query_of
from bot.channels.suggestions import Suggestions, first_sentence, is_public
from knowledge.decision import OUT_OF_SCOPE
from knowledge.library import Library
from knowledge.models import Answer, Article, Language
from knowledge.reply import Citation, Reply

_SHORT_TIME = "public, max-age=300"


@dataclass(frozen=True)
class Part:
    """A part of an answer with what it rests on; ``changed`` is the ISO day of a change in the rules."""

    kind: str
    text: str
    items: tuple[str, ...]
    citations: tuple[Citation, ...]
    changed: str | None = None


@dataclass(frozen=True)
class AnswerView:
    """An answer on the page of its topic."""

    id: str
    title: str
    confidence: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All that it says, as plain text."""
        return "\n".join(line for part in self.parts for line in (part.text, *part.items) if line)


@dataclass(frozen=True)
class Link:
    """Something to go on to."""

    id: str
    title: str
    url: str
    excerpt: str = ""


def blueprint(gateway: Gateway) -> Blueprint:
    """``/faq``, ``/law``, their style, and the sitemap."""
    routes = Blueprint("pages")
    views = Views(gateway.assistant.library)
    renderer = Renderer.of()

    def page(request: Request, template: str, **values: Any) -> HTTPResponse:
        language = language_of(request)
        rendered = renderer.page(
            template,
            language,
            path=request.path,
            chosen="language" in request.args,
            address=public_address(request, gateway.settings),
            revision=views.revision,
            **values,
        )
        headers = {"Cache-Control": _SHORT_TIME, "Content-Language": HTML_LANGUAGE[language], "Vary": "Accept-Language"}
        return response.html(rendered, headers=headers)

    @routes.get("/faq")
    async def faq(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        language = language_of(request)
        query = query_of(request)
        results = views.suggestions.find(query, language)
        if query and not results:
            gateway.store.leave_unanswered(redact(query), "help")
        shown = page(request, "faq.html", query=query, results=results, topics=list(views.topics(language)))
        if query:
            shown.headers["Cache-Control"] = "no-store"
        return shown

    @routes.get("/faq/<topic:str>")
    async def topic(request: Request, topic: str) -> HTTPResponse:
        gateway.limit_request(request)
        language = language_of(request)
        if not views.has_topic(topic):
            raise Refused(404, "not_found")
        answers = views.answers(topic, language)
        return page(
            request,
            "topic.html",
            title=views.title(topic, language),
            answers=answers,
            related=list(views.related(topic, language)),
            untranslated=any(language_of_text(answer.text) != language for answer in answers),
            structured=_structured(answers, language),
        )

    @routes.get("/law")
    async def laws(request: Request) -> HTTPResponse:
        gateway.limit_request(request)
        return page(request, "laws.html", laws=list(views.laws(language_of(request))))

    @routes.get("/law/<law:str>/<number:str>")
    async def article(request: Request, law: str, number: str) -> HTTPResponse:
        gateway.limit_request(request)
        found = views.article(f"{law}:{number}")
        if found is None:
            raise Refused(404, "not_found")
        return page(request, "article.html", **views.article_page(found, language_of(request)))

    @routes.get("/pages.css")
    async def style(_request: Request) -> HTTPResponse:
        kind = "text/css; charset=utf-8"
        return await response.file(TEMPLATES / "pages.css", mime_type=kind, headers={"Cache-Control": _SHORT_TIME})

    @routes.get("/sitemap.xml")
    async def sitemap(request: Request) -> HTTPResponse:
        address = public_address(request, gateway.settings)
        rendered = renderer.page("sitemap.xml", "en", path=request.path, address=address, paths=list(views.paths()))
        return response.raw(rendered.encode(), content_type="application/xml", headers={"Cache-Control": _SHORT_TIME})

    @routes.get("/robots.txt")
    async def robots(request: Request) -> HTTPResponse:
        address = public_address(request, gateway.settings)
        return response.text(f"User-agent: *\nDisallow: /chat\nDisallow: /assist\nSitemap: {address}/sitemap.xml\n")

    return routes


class Views:
    """The content as the pages show it."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._content = library.content
        self.suggestions = Suggestions(library)
        self._citing: dict[str, list[Answer]] = {}
        for answer in self._public_answers():
            for reference in _law_of(answer):
                self._citing.setdefault(reference, []).append(answer)

    @property
    def revision(self) -> str:
        """Of the knowledge."""
        return self._content.revision

    def has_topic(self, topic: str) -> bool:
        """Whether the topic has answers for a page."""
        return any(answer.topic == topic for answer in self._public_answers())

    def title(self, topic: str, language: Language) -> str:
        """The topic in words."""
        return self._content.topic_titles[topic].get(language)

    def topics(self, language: Language) -> Iterator[Link]:
        """All topics with a page; questions about other things come last."""
        for topic in sorted(filter(self.has_topic, self._content.topics), key=OUT_OF_SCOPE.__eq__):
            excerpt = first_sentence(self._content.general(topic).short.text.get(language))
            yield Link(topic, self.title(topic, language), f"/faq/{topic}", excerpt)

    def answers(self, topic: str, language: Language) -> list[AnswerView]:
        """The answers of a topic, the general one first."""
        found = [answer for answer in self._public_answers() if answer.topic == topic]
        return [self._answer(answer, language) for answer in found]

    def related(self, topic: str, language: Language) -> Iterator[Link]:
        """Topics to go on to."""
        for other in self._content.general(topic).related:
            if self.has_topic(other):
                yield Link(other, self.title(other, language), f"/faq/{other}")

    def laws(self, language: Language) -> Iterator[dict[str, Any]]:
        """All laws with their articles."""
        for law in self._content.laws.values():
            articles = [(one.number, one.title.get(language)) for one in law.articles]
            yield {"id": law.id, "title": law.title.get(language), "articles": articles}

    def article(self, article_id: str) -> Article | None:
        """One article."""
        return self._content.articles.get(article_id)

    def article_page(self, article: Article, language: Language) -> dict[str, Any]:
        """What the page of an article shows."""
        lead, *rest = _parts(self._library.composer(language).article(article), article.wording_sources)
        today = self._library.clock()
        return {
            "law": article.law_title.get(language),
            "article": article,
            "title": article.title.get(language),
            "upcoming": article.valid_from > today,
            "past": article.valid_to is not None and article.valid_to < today,
            "parts": [replace(lead, text=article.summary.get(language)), *rest],
            "quote": article.quote_zh,
            "cited_by": [
                Link(answer.id, answer.title.get(language), self.suggestions.url(answer.id))
                for answer in self._citing.get(article.id, ())
            ],
        }

    def paths(self) -> Iterator[str]:
        """The addresses of all pages."""
        yield from ("/faq", "/law")
        yield from (f"/faq/{topic}" for topic in self._content.topics if self.has_topic(topic))
        yield from (f"/law/{article.law}/{article.number}" for article in self._content.articles.values())

    def _public_answers(self) -> Iterator[Answer]:
        return filter(is_public, self._content.answers.values())

    def _answer(self, answer: Answer, language: Language) -> AnswerView:
        lead, *rest = _parts(self._library.composer(language).answer(answer), self.suggestions.cited(answer.short))
        unchanged = len(rest) - len(answer.changed)  # what has changed comes last
        changed = [
            replace(part, changed=change.on) for part, change in zip(rest[unchanged:], answer.changed, strict=True)
        ]
        parts = (lead, *rest[:unchanged], *changed)
        return AnswerView(answer.id, answer.title.get(language), answer.confidence, parts)


def _parts(reply: Reply, cited_by_lead: Sequence[str]) -> list[Part]:
    by_id = {citation.id: citation for citation in reply.citations}
    lead, *rest = reply.blocks
    return [
        Part(block.kind, block.text, block.items, tuple(by_id[one] for one in block.citations))
        for block in (replace(lead, citations=tuple(cited_by_lead)), *rest)
    ]


def _law_of(answer: Answer) -> Sequence[str]:
    references = [answer.short.references, *(block.references for block in answer.blocks)]
    return tuple(dict.fromkeys(one for reference in references for one in reference.law))


def _structured(answers: Sequence[AnswerView], language: Language) -> Markup:
    """The answers as schema.org's FAQPage: the words of the page, for programs."""
    page = {
        "@context": "https://schema.org",
        "@type": "FAQPage",
        "inLanguage": HTML_LANGUAGE[language],
        "mainEntity": [
            {
                "@type": "Question",
                "name": answer.title,
                "acceptedAnswer": {"@type": "Answer", "text": answer.text},
            }
            for answer in answers
        ],
    }
    # "<" would let a text end the element that it stands in.
    return Markup(json.dumps(page, ensure_ascii=False).replace("<", "\\u003c"))
