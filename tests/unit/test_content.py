"""The content as loaded: verbatim sources with addressable passages, and the law of the day."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import date
from pathlib import Path

import pytest

from knowledge.content import CONTENT_ROOT, Content, content_files, content_revision, load_content
from knowledge.errors import ContentError

PAGES = sorted((CONTENT_ROOT / "sources").glob("*.md"))
BEFORE, AFTER = date(2026, 12, 31), date(2027, 1, 1)  # of the Healthcare Security Law


# Sources --------------------------------------------------------------------------------------------------


def test_there_are_five_source_pages() -> None:
    assert [page.stem for page in PAGES] == ["000", "001", "002", "003", "004"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_body_of_a_page_is_what_was_stored(page: Path) -> None:
    front, body = re.fullmatch(r"---\n(.*?)\n---\n(.*)", page.read_text(encoding="utf-8"), re.DOTALL).groups()  # type: ignore[union-attr]
    assert f"sha256: {hashlib.sha256(body.encode()).hexdigest()}" in front.split("\n")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_passages_of_a_page_are_its_paragraphs_in_order(page: Path, content: Content) -> None:
    body = page.read_text(encoding="utf-8").split("\n---\n", 1)[1]
    passages = [passage for passage in content.passages.values() if passage.page == page.stem]
    assert [passage.verbatim for passage in passages] == [line for line in body.split("\n") if line.strip()]
    assert [passage.id for passage in passages] == [f"{page.stem}#p{n}" for n in range(1, len(passages) + 1)]


def test_a_passage_is_found_by_its_address(content: Content) -> None:
    passage = content.passages["000#p7"]
    assert passage.verbatim.startswith("Medical insurance can be paid by individuals")
    assert passage.page_title == "Can individuals pay medical insurance?"


def test_a_damaged_passage_is_shown_in_a_corrected_reading(content: Content) -> None:
    passage = content.passages["000#p8"]
    assert "bareheaded" in passage.verbatim
    assert "bareheaded" not in passage.reading.get("en")
    assert passage.verdict != "ok"


@pytest.mark.parametrize(
    "damage",
    ["Jinling", "diplomatic", "bareheaded", "minimum target", "foreign account", "medical record keeper"],
)
def test_translation_damage_stays_in_the_verbatim_text(content: Content, damage: str) -> None:
    readings = [passage.reading.get("en") for passage in content.passages.values()]
    assert not [reading for reading in readings if damage.lower() in reading.lower()]


# The law of the day ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cited", "later"),
    [
        ("sil:23", ("hsl:10",)),
        ("sil:25", ("hsl:9", "hsl:11")),
        ("sil:29", ("hsl:32",)),
        ("sil:58", ("sil:58",)),
        ("agr:31", ("agr:31",)),
    ],
)
def test_from_2027_the_new_law_is_cited_where_it_takes_over(
    content: Content, cited: str, later: tuple[str, ...]
) -> None:
    assert content.law_in_force((cited,), BEFORE) == (cited,)
    assert content.law_in_force((cited,), AFTER) == later


def test_an_article_to_come_is_not_cited_before_its_day(content: Content) -> None:
    assert content.law_in_force(("sil:59", "hsl:20"), BEFORE) == ("sil:59",)
    assert content.law_in_force(("sil:59", "hsl:20"), AFTER) == ("hsl:20",)


def test_every_superseded_article_has_somebody_to_take_over_the_next_day(content: Content) -> None:
    for old in content.successors:
        assert content.law_in_force((old,), BEFORE) == (old,)
        assert content.law_in_force((old,), AFTER) == content.successors[old]


def test_no_answer_loses_all_its_law_on_any_day(content: Content) -> None:
    for answer in content.answers.values():
        law = answer.short.references.law
        if content.law_in_force(law, BEFORE):
            assert content.law_in_force(law, AFTER), answer.id


# Loading --------------------------------------------------------------------------------------------------


def copied(folder: Path) -> Path:
    for path in content_files():
        target = folder / path.relative_to(CONTENT_ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return folder


def test_the_revision_follows_every_content_file(tmp_path: Path) -> None:
    root = copied(tmp_path)
    before = content_revision(root)
    assert before == content_revision()
    for file in content_files(root):
        text = file.read_bytes()
        file.write_bytes(text + b"\n")
        assert content_revision(root) != before, file
        file.write_bytes(text)
    assert content_revision(root) == before


def test_all_broken_files_are_reported_at_once(tmp_path: Path) -> None:
    shutil.copytree(CONTENT_ROOT / "answers", tmp_path / "answers")
    (tmp_path / "answers/human.yml").write_text("topic: [", encoding="utf-8")
    (tmp_path / "answers/rights.yml").write_text("topic: rights\n", encoding="utf-8")
    with pytest.raises(ContentError) as raised:
        load_content(tmp_path)
    broken = {problem.file for problem in raised.value.problems}
    assert {"answers/human.yml", "answers/rights.yml", "phrases.yml"} <= broken
    assert all(problem.line >= 1 and problem.mend for problem in raised.value.problems)


def test_content_that_was_checked_is_what_it_is_when_it_is_checked(content: Content) -> None:
    assert load_content(checked=content.revision) == content


def test_content_that_has_changed_since_it_was_checked_is_checked_again(content: Content, tmp_path: Path) -> None:
    root = copied(tmp_path)
    path = root / "answers" / "payment_time.yml"
    path.write_text(path.read_text(encoding="utf-8") + "surprise: true\n", encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_content(root, checked=content.revision)
    assert "surprise" in str(caught.value)
