"""``yibao checklist``: the list for one person, as text, Markdown, JSON and PDF."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pypdf import PdfReader

from bot.cli import yibao


def run(*arguments: str) -> Result:
    return CliRunner().invoke(yibao, ["checklist", *arguments])


def test_json_is_a_reply() -> None:
    ran = run("enrolment", "--age", "4", "--household", "agricultural", "--format", "json")
    assert ran.exit_code == 0, ran.output
    needed = {item["id"]: item["needed"] for item in json.loads(ran.output)["checklist"]["items"]}
    assert needed["photos_with_parent"] == "yes"
    assert needed["photos"] == "no"
    assert needed["migrant_parents_papers"] == "if_applicable"


def test_text_names_the_sources() -> None:
    ran = run("make_up", "--household", "urban")
    assert "Sources:" in ran.output


def test_markdown_has_boxes_to_tick_and_reasons() -> None:
    ran = run("enrolment", "--age", "60", "--low-income", "--format", "markdown")
    ticked = [line for line in ran.output.splitlines() if line.startswith("- [ ]")]
    assert any("elderly people in low-income families" in line for line in ticked)
    assert all(line.endswith("*") for line in ticked)


def test_pdf_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    ran = run("enrolment", "--age", "35", "--disability-level", "2", "--format", "pdf", "--output", str(path))
    assert ran.exit_code == 0, ran.output
    pages = PdfReader(BytesIO(path.read_bytes())).pages
    words = " ".join(page.extract_text() for page in pages)
    assert len(pages) == 1
    assert "Disabled Person" in words
    assert "Sources:" in words


def test_a_list_in_chinese_speaks_chinese_throughout() -> None:
    ran = run("enrolment", "--age", "63", "--low-income", "--language", "zh")
    assert ran.output.startswith("参保人的")
    assert "\n来源：" in ran.output
    assert "Sources" not in ran.output
    assert "hukou" not in ran.output


def test_a_pdf_in_chinese_can_be_printed(tmp_path: Path) -> None:
    path = tmp_path / "list.pdf"
    ran = run("enrolment", "--disability-level", "2", "--language", "zh", "--format", "pdf", "--output", str(path))
    assert ran.exit_code == 0, ran.output
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(path.read_bytes())).pages)
    assert "残疾人证" in words
    assert "来源：" in words


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("enrolment", "--age", "200"), "--age cannot be 200; give 0 to 120"),
        (("enrolment", "--disability-level", "5"), "give 0 to 4"),
        (("passport",), "'passport' is not one of"),
    ],
)
def test_impossible_values_are_refused_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert words in ran.output
