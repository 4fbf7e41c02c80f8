"""The help box and the pages: the same answers as in the chat, readable without JavaScript."""

from __future__ import annotations

import html.parser
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from bot.channels import texts
from bot.channels.rendering import TEMPLATES
from bot.channels.store import Store
from knowledge.library import Library
from tests.gateway import PromptAssistant, Visitor, serving, settings

XSS = """<script>window.__pwn=1</script>"'><img src=x onerror=alert(1)>{{7*7}}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def visitor(library: Library, folder: Path) -> Iterator[Visitor]:
    with serving(PromptAssistant(library), settings(folder)) as found:
        yield found


class Outline(html.parser.HTMLParser):
    """What a page is made of: its tags, ids, links, and whether all that opens is closed."""

    _VOID = frozenset({"meta", "link", "input", "img", "br", "hr"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        assert self.open == [], f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]


# ---- the help box ----


def test_typing_finds_answers_with_first_sentence_and_source(visitor: Visitor) -> None:
    found = visitor.get("/help/suggest?q=when+do+i+have+to+pay").json
    first = found["results"][0]
    assert found["query"] == "when do i have to pay"
    assert len(found["results"]) <= 5
    assert (first["id"], first["url"]) == ("payment_time", "/faq/payment_time#payment_time")
    assert first["excerpt"].endswith("in the last months of the year before.")
    assert first["source"]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("article 58", "sil:58"),
        ("Art. 23", "sil:23"),
        ("第58条", "sil:58"),
        ("article 28 of the healthcare security law", "hsl:28"),
    ],
)
def test_an_article_is_found_by_its_number(visitor: Visitor, query: str, first: str) -> None:
    results = visitor.get(f"/help/suggest?q={quote(query)}").json["results"]
    assert results[0]["id"] == first
    assert results[0]["url"] == "/law/" + first.replace(":", "/")


def test_the_article_of_another_law_is_not_put_in_the_place_of_one_that_is_not_known(visitor: Visitor) -> None:
    results = visitor.get("/help/suggest?q=article+29+healthcare+security+law").json["results"]
    assert "sil:29" not in [result["id"] for result in results[:1]]


@pytest.mark.parametrize("query", ["", "%20%20", "%F0%9F%98%80", "zzzqqq+xxyyzz", "%00%00"])
def test_what_nothing_is_known_about_finds_nothing(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/help/suggest?q={query}").json["results"] == []


def test_every_suggestion_opens_as_an_answer_and_stands_on_its_page(visitor: Visitor) -> None:
    for result in visitor.get("/help/suggest?q=pay+for+my+child+article+58").json["results"]:
        answer = visitor.get(f"/help/answer/{result['id']}").json
        assert answer["reply"]["citations"]
        assert answer["url"] == result["url"]
        page, _, place = result["url"].partition("#")
        outline = Outline(visitor.get(page).text)
        assert not place or place in outline.ids
    assert visitor.get("/help/answer/none").status == 404


def test_a_verdict_on_an_answer_is_kept_without_personal_numbers(visitor: Visitor, folder: Path) -> None:
    verdict = {"answer": "payment_time", "query": "pay for 13812345678", "verdict": "down", "reason": "wrong_place"}
    assert visitor.post("/help/feedback", verdict).status == 200
    store = Store(f"sqlite:///{folder / 'gateway.db'}")
    assert {"channel": "help", "answer": "payment_time", "verdict": "down", "reason": "wrong_place", "times": 1} in (
        store.feedback_counts()
    )
    assert "pay for [phone number removed]" in [one["question"] for one in store.unanswered()]
    assert visitor.post("/help/feedback", {**verdict, "answer": "none"}).status == 404


# ---- pages ----


def every_page(visitor: Visitor) -> list[str]:
    return re.findall(r"<loc>http://[^/]+(/[^<]*)</loc>", visitor.get("/sitemap.xml").text)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_the_sitemap_is_sound(visitor: Visitor, library: Library, language: str) -> None:
    pages = every_page(visitor)
    assert {"/faq", "/law", "/faq/payment_time", "/law/sil/58"} <= set(pages)
    for path in pages:
        page = visitor.get(f"{path}?language={language}")
        assert page.status == 200, path
        outline = Outline(page.text)
        assert outline.all("html")[0]["lang"] == {"en": "en", "zh": "zh-CN"}[language]
        assert len(outline.all("h1")) == 1, path
        assert len(outline.ids) == len(set(outline.ids)), path
        scripts = outline.all("script")
        assert all(one == {"type": "application/ld+json"} for one in scripts), path
        assert not any(name.startswith("on") or name == "style" for _, one in outline.tags for name in one), path


def test_every_link_of_every_page_leads_somewhere(visitor: Visitor) -> None:
    pages = {path: Outline(visitor.get(path).text) for path in every_page(visitor)}
    for path, outline in pages.items():
        for link in outline.all("a"):
            address, _, place = (link["href"] or "").partition("#")
            address = (address or path).split("?")[0]
            if address == "/":
                continue  # the demo site, which is built
            assert address in pages, f"{path}: {link['href']}"
            assert not place or place in pages[address].ids, f"{path}: {link['href']}"


def test_a_topic_page_holds_all_its_answers_with_the_quotes_they_rest_on(visitor: Visitor, library: Library) -> None:
    page = visitor.get("/faq/payment_time").text
    outline = Outline(page)
    answers = [answer for answer in library.content.answers.values() if answer.topic == "payment_time"]
    assert [one["id"] for one in outline.all("section")] == [answer.id for answer in answers]
    assert len(outline.all("details")) >= len(answers)
    assert "An employer must declare its premiums itself" in page
    assert "Social Insurance Law, Article 60" in page
    assert "In force from 1 July 2011" in page


def test_structured_data_says_what_the_page_says(visitor: Visitor) -> None:
    page = visitor.get("/faq/payment_time").text
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0])
    assert data["@type"] == "FAQPage"
    shown = re.sub(r"<[^>]+>", "", page).replace("&#39;", "'").replace("&#34;", '"').replace("&amp;", "&")
    for question in data["mainEntity"]:
        assert question["name"] in shown
        for line in question["acceptedAnswer"]["text"].splitlines():
            assert line in shown


def test_an_article_shows_its_dates_its_successor_and_the_questions_it_answers(visitor: Visitor) -> None:
    old, new = visitor.get("/law/sil/23").text, visitor.get("/law/hsl/4").text
    assert "In force from 1 July 2011" in old
    assert "/law/hsl/" in old
    assert "not in force yet" in new
    assert '<blockquote lang="zh-CN">公民有依法参加' in new
    assert "Questions that this article answers" in visitor.get("/law/sil/60").text


def test_what_is_not_translated_says_so_and_is_marked_as_english(visitor: Visitor, library: Library) -> None:
    answer = library.content.general("payment_time")
    page = visitor.get("/faq/payment_time?language=zh").text
    if "zh" not in answer.short.text.by_language:
        assert '<span lang="en">The residents&#39; scheme is paid once a year' in page
        assert "未译部分以英文显示" in page
    assert "依据" in page
    assert 'href="/law/sil/60?language=zh"' in page


def test_a_chosen_language_stays_and_a_browsers_language_needs_no_choice(visitor: Visitor) -> None:
    chosen = visitor.get("/faq?q=pay&language=en", Accept_Language="zh-CN").text
    assert '<html lang="en">' in chosen
    assert 'href="/law?language=en"' in chosen
    assert '<input type="hidden" name="language" value="en">' in chosen
    assert 'href="/faq?language=zh&amp;q=pay"' in chosen
    browsers = visitor.get("/faq", Accept_Language="zh-CN").text
    assert '<html lang="zh-CN">' in browsers
    assert 'href="/law"' in browsers


def test_searching_without_javascript_lists_results_or_says_what_else_to_do(visitor: Visitor, folder: Path) -> None:
    found = visitor.get("/faq?q=when+do+i+have+to+pay").text
    assert 'href="/faq/payment_time#payment_time"' in found
    none = visitor.get("/faq?q=zzzqqq+13812345678")
    assert "Nothing found" in none.text
    assert "12393" in none.text
    assert none.headers["cache-control"] == "no-store"
    left = [one["question"] for one in Store(f"sqlite:///{folder / 'gateway.db'}").unanswered()]
    assert "zzzqqq [phone number removed]" in left


@pytest.mark.parametrize("path", ["/faq?q={}", "/faq/{}", "/law/{}/1", "/law/sil/{}", "/{}", "/help/answer/{}"])
def test_nothing_that_is_sent_becomes_part_of_a_page(visitor: Visitor, path: str) -> None:
    for language in ("en", "zh"):
        joint = "&" if "?" in path else "?"
        page = visitor.get(path.format(quote(XSS, safe="")) + f"{joint}language={language}", Accept="text/html").text
        assert "<script>window" not in page
        assert "<img" not in page
        Outline(page)


def test_hosts_that_are_no_host_names_are_not_repeated(visitor: Visitor) -> None:
    page = visitor.get("/faq", Host='evil"><script>').text
    assert "evil" not in page


# ---- sentences ----


@pytest.mark.parametrize("path", [texts._SENTENCES, TEMPLATES / "pages.yml"], ids=lambda path: path.name)
def test_every_sentence_is_there_in_both_languages_with_the_same_names(path: Path) -> None:
    for name, sentence in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(sentence) == {"en", "zh"}, name
        names = [set(re.findall(r"(?<!\{)\{(\w+)\}", words)) for words in sentence.values()]
        assert names[0] == names[1] or name.startswith("month"), name
