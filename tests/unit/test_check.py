"""What `yibao knowledge check` finds: a test breaks one thing in a copy of the content, on a known line."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from knowledge.check import NEEDED_ANSWERS, check_content
from knowledge.content import CONTENT_ROOT
from knowledge.encoder import DIMENSION, Encoder, TextEncoder, Vectors
from knowledge.errors import Problem
from knowledge.models import Language

ENGLISH: tuple[Language, ...] = ("en",)
BOTH: tuple[Language, ...] = ("en", "zh")
PLAIN = "answers/payment_time.yml"  # an ordinary topic
# The topics of a copy: few, so that a test takes a moment.
TOPICS = {"payment_time", "who_can_pay", "what_documents", "make_up_payment", "apply_card"}
TOPICS |= {answer_id for answer_id in NEEDED_ANSWERS if "." not in answer_id}


@dataclass(frozen=True)
class ContentCopy:
    """A copy of the shipped content that a test may break."""

    root: Path

    def change(self, file: str, pattern: str, new: str) -> int:
        """Replace the group of the pattern's first match; returns the line on which it stands."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        match = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        assert match, f"{pattern} is not in {file}"
        path.write_text(text[: match.start(1)] + new + text[match.end(1) :], encoding="utf-8")
        return text.count("\n", 0, match.start(1)) + 1

    def append(self, file: str, text: str) -> int:
        """Write at the end of the file; returns the first new line."""
        path = self.root / file
        before = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
        path.write_text(before + text, encoding="utf-8")
        return before.count("\n") + 1

    def line(self, file: str, pattern: str) -> int:
        """The line on which the pattern first matches."""
        text = (self.root / file).read_text(encoding="utf-8")
        match = re.search(pattern, text, re.MULTILINE | re.DOTALL)
        assert match, f"{pattern} is not in {file}"
        return text.count("\n", 0, match.start()) + 1

    def problem(self, *, languages: tuple[Language, ...] = ENGLISH, encoder: TextEncoder | None = None) -> Problem:
        """The only problem of the content."""
        [problem] = check_content(self.root, languages=languages, encoder=encoder)
        return problem


@pytest.fixture
def copy(tmp_path: Path) -> ContentCopy:
    for folder in ("sources", "law", "checklists"):
        shutil.copytree(CONTENT_ROOT / folder, tmp_path / folder)
    for file in ("follow_ups.yml", "phrases.yml"):
        shutil.copy(CONTENT_ROOT / file, tmp_path / file)
    (tmp_path / "answers").mkdir()
    for topic in TOPICS:
        text = (CONTENT_ROOT / "answers" / f"{topic}.yml").read_text(encoding="utf-8")
        text = re.sub(r"(?<=related: \[)[a-z_, ]+", _topics_of_the_copy, text)
        text = re.sub(r"^ {8}topic: (\w+)\n", _if_in_the_copy, text, flags=re.MULTILINE)
        (tmp_path / "answers" / f"{topic}.yml").write_text(text, encoding="utf-8")
    return ContentCopy(tmp_path)


def _topics_of_the_copy(related: re.Match[str]) -> str:
    return ", ".join(topic for topic in related.group().split(", ") if topic in TOPICS)


def _if_in_the_copy(topic: re.Match[str]) -> str:
    return topic.group() if topic[1] in TOPICS else ""


class SynonymEncoder:
    """Gives every text a direction of its own, except those that are said to mean the same."""

    fingerprint = "fake"

    def __init__(self, *same: str) -> None:
        self._same = same

    def encode(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self._vector(self._same[0] if text in self._same else text) for text in texts])

    def _vector(self, text: str) -> Vectors:
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
        return vector / np.linalg.norm(vector)


def assert_at(problem: Problem, file: str, line: int, what: str, mend: str) -> None:
    assert (problem.file, problem.line) == (file, line), problem
    assert what in problem.what
    assert mend in problem.mend


# The shipped content --------------------------------------------------------------------------------------


def test_shipped_content_has_no_problem() -> None:
    assert [str(problem) for problem in check_content()] == []


def test_shipped_questions_of_two_topics_never_mean_the_same() -> None:
    assert [str(problem) for problem in check_content(encoder=Encoder.load())] == []


def test_a_problem_reads_as_one_line_with_place_and_mend(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"related: \[([a-z_, ]*)\]", "payment_tine")
    assert str(copy.problem()).startswith(f"{PLAIN}:{line}: There is no topic 'payment_tine'. Mend: ")


def test_a_follow_up_of_an_unknown_topic(copy: ContentCopy) -> None:
    file = "answers/who_can_pay.yml"
    line = copy.change(file, r"\n        topic: (payment_time)\n", "payment_tine")
    assert_at(copy.problem(), file, line, "There is no topic 'payment_tine'", "payment_time")


# Shape ----------------------------------------------------------------------------------------------------


def test_bad_yaml(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"^( +- id: payment_time)$", "  - id: [payment_time")
    problem = copy.problem()
    assert problem.file == PLAIN
    assert problem.line in (line, line + 1)
    assert "not valid YAML" in problem.what
    assert "indent, quotes and colons" in problem.mend


def test_a_key_that_does_not_belong_there(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"^    (related:)", "relates:")
    assert_at(copy.problem(), PLAIN, line, "'relates' was unexpected", "knowledge/schema.yml")


def test_a_key_given_twice(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"^(    confidence: high\n)", "    confidence: high\n    confidence: high\n")
    assert_at(copy.problem(), PLAIN, line + 1, "'confidence' stands here twice", "Keep one")


def test_a_missing_language_in_which_everything_must_be_written(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"^title: (\{en: [^\n]*)$", "{zh: 缴费时间}")
    assert_at(copy.problem(), PLAIN, line, "'en' is a required property", "knowledge/schema.yml")


def test_a_file_that_is_not_utf8(copy: ContentCopy) -> None:
    (copy.root / PLAIN).write_bytes(b"topic: \xff\xfe\n")
    assert_at(copy.problem(), PLAIN, 1, "cannot be read", "Save it as UTF-8")


def test_an_empty_file(copy: ContentCopy) -> None:
    (copy.root / PLAIN).write_text("", encoding="utf-8")
    assert_at(copy.problem(), PLAIN, 1, "empty", "Write its content or delete the file")


def test_a_tag_that_is_no_plain_value(copy: ContentCopy) -> None:
    line = copy.append("phrases.yml", "  rest: {en: !local Rest}\n")
    assert_at(copy.problem(), "phrases.yml", line, "not a plain tree", "without tags")


def test_a_list_as_a_key(copy: ContentCopy) -> None:
    line = copy.append("phrases.yml", "  [rest]: {en: Rest}\n")
    problem = copy.problem()
    assert problem.file == "phrases.yml"
    assert problem.line in (line - 1, line)
    assert "lists as keys" in problem.mend


def test_a_changed_source_page(copy: ContentCopy) -> None:
    first = copy.line("sources/000.md", r"(?<=^---\n)Job Recruitment")
    copy.change("sources/000.md", r"(fourth quarter)", "third quarter")
    problem = copy.problem()
    assert_at(problem, "sources/000.md", first, "not what it was", "corrected in sources/readings.yml")


def test_a_source_page_without_front_matter(copy: ContentCopy) -> None:
    copy.change("sources/004.md", r"(\A---\n)", "")
    problems = check_content(copy.root)
    page = next(problem for problem in problems if problem.file == "sources/004.md")
    assert_at(page, "sources/004.md", 1, "no complete front matter", "id, title, origin and sha256")


def test_a_reading_of_a_passage_that_is_not_there(copy: ContentCopy) -> None:
    line = copy.change("sources/readings.yml", r'passage: ("000#p1")', '"000#p99"')
    assert_at(copy.problem(), "sources/readings.yml", line, "no passage 000#p99", "as 000#p7")


def test_a_condition_of_no_known_form(copy: ContentCopy) -> None:
    file = "checklists/enrolment.yml"
    line = copy.change(file, r"when: (\{preschool: false\})", "{low_income: {at_least: 3}}")
    assert_at(copy.problem(), file, line, "only age takes at_least", "knowledge/conditions.py")


# References -----------------------------------------------------------------------------------------------


def test_an_unknown_passage(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r'sources: \["(\d{3}#p\d+)"', "000#p999")
    assert_at(copy.problem(), PLAIN, line, "There is no passage '000#p999'", "knowledge/sources")


def test_an_unknown_passage_as_wording_of_an_article(copy: ContentCopy) -> None:
    line = copy.change("law/sil.yml", r'wording:\n +sources: \["(\d{3}#p\d+)"', "009#p1")
    assert_at(copy.problem(), "law/sil.yml", line, "There is no passage '009#p1'", "knowledge/sources")


def test_an_unknown_article(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r'law: \["(\w+:\w+)"', "sil:580")
    problem = copy.problem()
    assert_at(problem, PLAIN, line, "There is no article 'sil:580'", "knowledge/law, for example sil:")


def test_an_unknown_article_in_a_follow_up_of_the_program(copy: ContentCopy) -> None:
    line = copy.change("follow_ups.yml", r'law: \["(agr:31)"', "agr:1")
    assert_at(copy.problem(), "follow_ups.yml", line, "There is no article 'agr:1'", "knowledge/law")


def test_an_unknown_article_behind_a_remark_on_practice(copy: ContentCopy) -> None:
    line = copy.change("law/sil.yml", r'practice_law: \["(\w+:\w+)"', "agr:1")
    assert_at(copy.problem(), "law/sil.yml", line, "There is no article 'agr:1'", "knowledge/law")


def test_an_unknown_related_topic(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"related: \[([a-z_, ]*)\]", "make_up_paiment")
    problem = copy.problem()
    assert_at(problem, PLAIN, line, "There is no topic 'make_up_paiment'", "for example make_up_payment")


def test_an_unknown_topic_of_a_checklist(copy: ContentCopy) -> None:
    file = "checklists/card.yml"
    line = copy.change(file, r"^topic: (apply_card)", "apply_cards")
    assert_at(copy.problem(), file, line, "There is no topic 'apply_cards'", "for example apply_card")


def test_an_unknown_checklist(copy: ContentCopy) -> None:
    file = "answers/apply_card.yml"
    line = copy.change(file, r"^    checklist: (card)$", "cards")
    problems = check_content(copy.root)
    assert_at(problems[0], file, line, "There is no checklist 'cards'", "knowledge/checklists, for example card")


def test_a_checklist_answer_that_names_no_checklist(copy: ContentCopy) -> None:
    file = "answers/apply_card.yml"
    copy.change(file, r"^(    checklist: card\n)", "")
    line = copy.line(file, r"^    type: checklist")
    assert_at(check_content(copy.root)[0], file, line, "names none", "Add `checklist:`")


def test_a_follow_up_of_an_unknown_kind(copy: ContentCopy) -> None:
    copy.change("follow_ups.yml", r"^  - id: (why)$", "reason")
    problems = [problem for problem in check_content(copy.root) if problem.file == PLAIN]
    line = copy.line(PLAIN, r"^      why:")
    assert_at(problems[0], PLAIN, line, "There is no follow-up 'why'", "knowledge/follow_ups.yml")


# Citations ------------------------------------------------------------------------------------------------

UNCITED = "This statement cites nothing"
STATEMENT = """
  - id: payment_time.test
    questions: {en: [is this a test of the check]}
    short: {text: {en: Yes.}, law: ["sil:4"]}
    blocks:
      - kind: paragraph
        text: {en: Pay in time.}
        law: ["sil:4"]
    changed:
      - date: "2027-01-01"
        text: {en: There is a new law.}
        law: ["sil:4"]
    follow_ups:
      why:
        text: {en: So that you are covered.}
        law: ["sil:4"]
"""


@pytest.mark.parametrize(
    "text",
    ["Pay in time.", "There is a new law.", "So that you are covered."],
    ids=["block", "change", "follow-up"],
)
def test_a_part_of_an_answer_without_citation(copy: ContentCopy, text: str) -> None:
    copy.append(PLAIN, STATEMENT)
    assert check_content(copy.root) == []
    copy.change(PLAIN, rf'{re.escape(text)}\}}\n +(law: \["sil:4"\])', "law: []")
    assert_at(copy.problem(), PLAIN, copy.line(PLAIN, re.escape(text)), UNCITED, "(`sources:`)")


def test_a_short_answer_without_citation(copy: ContentCopy) -> None:
    line = copy.append(PLAIN, STATEMENT.replace(', law: ["sil:4"]}', "}").lstrip("\n")) + 2
    assert_at(copy.problem(), PLAIN, line, UNCITED, "(`law:`)")


def test_an_item_of_a_checklist_without_citation(copy: ContentCopy) -> None:
    file = "checklists/enrolment.yml"
    line = copy.line(file, r"    text: \{en: .Two recent two-inch photos of the person,")
    copy.change(file, r'- id: photos\n.*?sources: (\["000#p8"\])', "[]")
    assert_at(copy.problem(), file, line, UNCITED, "(`sources:`)")


def test_the_caution_of_a_checklist_without_citation(copy: ContentCopy) -> None:
    file = "checklists/card.yml"
    copy.change(file, r'^caution:.*?(  sources: \["003#p7"\]\n  law: [^\n]*\n)', "")
    assert_at(copy.problem(), file, copy.line(file, r"(?<=caution:\n)  text:"), UNCITED, "(`law:`)")


def test_small_talk_and_refusals_need_no_citation_unless_they_name_a_law(copy: ContentCopy) -> None:
    file = "answers/smalltalk.yml"
    line = copy.change(file, r"text: (\{en: \"You are welcome\.)", '{en: "The Regulations are welcome.')
    assert_at(copy.problem(), file, line, UNCITED, "(`law:`)")


def test_a_remark_on_practice_without_citation(copy: ContentCopy) -> None:
    file = "law/sil.yml"
    copy.change(file, r"practice_law: (\[[^\n]*\])", "[]")
    line = copy.line(file, r"^    practice:")
    assert_at(copy.problem(), file, line, "remark on practice cites nothing", "`practice_law:`")


# Languages ------------------------------------------------------------------------------------------------


def test_a_missing_second_language_is_a_problem_only_where_it_is_demanded(copy: ContentCopy) -> None:
    assert check_content(copy.root, languages=BOTH) == []
    line = copy.change(PLAIN, r"^title: \{en: [^,\n]*(, zh: [^\n]*)\}", "")
    assert check_content(copy.root) == []
    (found,) = check_content(copy.root, languages=BOTH)
    assert_at(found, PLAIN, line, "missing in 'zh'", "Add `zh:` beside en")


def test_figures_that_differ_between_the_languages(copy: ContentCopy) -> None:
    copy.append(PLAIN, STATEMENT.replace("{en: Pay in time.}", "{en: Pay within 30 days., zh: 请在十五日内缴费。}"))
    line = copy.line(PLAIN, r"请在十五日内缴费")
    assert_at(copy.problem(), PLAIN, line, "only here 15, only in 'en' 30", "both say the same")


def test_one_question_in_both_languages_is_not_said_twice(copy: ContentCopy) -> None:
    copy.append(PLAIN, STATEMENT.replace("{en: [is this a test of the check]}", "{en: [12 34 56], zh: [12 34 56?]}"))
    assert check_content(copy.root) == []


def test_a_passage_that_cannot_be_shown_in_the_second_language(copy: ContentCopy) -> None:
    copy.change("sources/readings.yml", r'^(  - passage: "000#p1"\n.*?)(?=^  - passage)', "")
    line = copy.line("sources/000.md", r"(?<=^---\n)Job Recruitment Website")
    problems = check_content(copy.root, languages=BOTH)
    found = next(problem for problem in problems if "000#p1 " in problem.what)
    assert_at(found, "sources/000.md", line, "cannot be shown in 'zh'", "sources/readings.yml")


def test_a_blank_text(copy: ContentCopy) -> None:
    line = copy.change("phrases.yml", r"^  list_needed: \{en: (\"Needed:\")", '"  "')
    assert_at(copy.problem(), "phrases.yml", line, "blank in 'en'", "Write it, or delete")


def test_steps_that_are_not_the_same_in_number_in_both_languages(copy: ContentCopy) -> None:
    steps = STATEMENT.replace("kind: paragraph", "kind: steps").replace(
        "text: {en: Pay in time.}", "items:\n          en: [Enrol., Pay.]\n          zh: [缴费]"
    )
    copy.append(PLAIN, steps)
    line = copy.line(PLAIN, r"^          zh: \[缴费\]")
    assert_at(copy.problem(), PLAIN, line, "1 items, but 2 in 'en'", "in the same order")


# Ids ------------------------------------------------------------------------------------------------------


def test_an_answer_id_used_twice(copy: ContentCopy) -> None:
    copy.append(PLAIN, STATEMENT)
    first = copy.line(PLAIN, r"^  - id: payment_time\.test")
    line = copy.append(PLAIN, STATEMENT.replace("a test", "another test").lstrip("\n"))
    problem = copy.problem()
    assert_at(problem, PLAIN, line, f"'payment_time.test' is used twice, first at {PLAIN}:{first}", "another id")


def test_an_article_given_twice(copy: ContentCopy) -> None:
    first = copy.line("law/agr.yml", r"^  - number: \"4\"")
    second = '  - {number: "4", title: {en: Four}, valid_from: 2023-12-01, summary: {en: Four.}}\n'
    line = copy.append("law/agr.yml", second)
    problem = copy.problem()
    assert_at(problem, "law/agr.yml", line, f"'agr:4' is used twice, first at law/agr.yml:{first}", "another id")


def test_an_item_given_twice(copy: ContentCopy) -> None:
    file = "checklists/card.yml"
    line = copy.change(file, r"^  - id: (one_inch_photo)$", "id_card")
    assert_at(copy.problem(), file, line, "The item id 'id_card' is used twice", "another id")


def test_a_fact_given_twice(copy: ContentCopy) -> None:
    file = "checklists/facts.yml"
    text = (copy.root / file).read_text(encoding="utf-8")
    match = re.search(r"^  - id: student\n.*?(?=^  - id)", text, re.MULTILINE | re.DOTALL)
    assert match
    line = copy.append(file, match.group(0))
    assert_at(copy.problem(), file, line, "The fact id 'student' is used twice", "delete it")


def test_a_topic_with_two_files(copy: ContentCopy) -> None:
    shutil.copy(copy.root / PLAIN, copy.root / "answers/zz_copy.yml")
    problems = [problem for problem in check_content(copy.root) if "topic id" in problem.what]
    assert_at(problems[0], "answers/zz_copy.yml", 1, f"first at {PLAIN}:1", "another id")


def test_a_file_not_called_after_its_topic(copy: ContentCopy) -> None:
    (copy.root / PLAIN).rename(copy.root / "answers/when.yml")
    assert_at(copy.problem(), "answers/when.yml", 1, "is called when.yml", "Call it payment_time.yml")


def test_an_answer_in_another_topic(copy: ContentCopy) -> None:
    line = copy.append(PLAIN, STATEMENT.replace("payment_time.", "how_to_pay.").lstrip("\n"))
    assert_at(copy.problem(), PLAIN, line, "stands in the topic 'payment_time'", "payment_time.NAME")


# Reachability ---------------------------------------------------------------------------------------------


def test_a_topic_without_general_answer(copy: ContentCopy) -> None:
    copy.change(PLAIN, r"^  - id: (payment_time)$", "payment_time.general")
    assert_at(copy.problem(), PLAIN, 1, "has no general answer", "with the id payment_time")


def test_a_general_answer_that_does_not_come_first(copy: ContentCopy) -> None:
    copy.change(PLAIN, r"(?<=^answers:)(\n)", STATEMENT)
    line = copy.line(PLAIN, r"^  - id: payment_time$")
    assert_at(copy.problem(), PLAIN, line, "does not come first", "Move it to the top")


@pytest.mark.parametrize("answer_id", [answer_id for answer_id in NEEDED_ANSWERS if "." not in answer_id])
def test_an_answer_that_the_program_needs(copy: ContentCopy, answer_id: str) -> None:
    file = f"answers/{answer_id}.yml"
    (copy.root / file).unlink()
    found = [problem for problem in check_content(copy.root) if problem.file == file]
    assert_at(found[0], file, 1, f"needs the answer {answer_id!r}", "Write it in this file")


def test_an_answer_without_questions(copy: ContentCopy) -> None:
    line = copy.append(PLAIN, STATEMENT.replace("is this a test of the check", "").lstrip("\n")) + 1
    assert_at(copy.problem(), PLAIN, line, "Nobody can reach 'payment_time.test'", "or delete it")


def test_a_checklist_that_no_answer_names(copy: ContentCopy) -> None:
    answers = "answers/apply_card.yml"
    copy.change(answers, r"^(    type: checklist\n    checklist: card\n)", "")
    problem = copy.problem()
    assert_at(problem, "checklists/card.yml", 1, "Nobody can reach the checklist 'card'", "Add `checklist: card`")


# Conditions -----------------------------------------------------------------------------------------------

ENROLMENT = "checklists/enrolment.yml"


def test_a_condition_on_an_unknown_fact(copy: ContentCopy) -> None:
    line = copy.change(ENROLMENT, r"when: \{(preschool): false\}", "kindergarten")
    problem = copy.problem()
    assert_at(problem, ENROLMENT, line, "There is no profile fact 'kindergarten'", "household, age, preschool")


def test_a_condition_on_an_unknown_fact_deep_inside(copy: ContentCopy) -> None:
    line = copy.change(ENROLMENT, r"when: (\{preschool: false\})", "{any: [{student: true}, {not: {pupil: true}}]}")
    assert_at(copy.problem(), ENROLMENT, line, "There is no profile fact 'pupil'", "facts.yml")


def test_a_consequence_that_is_no_fact(copy: ContentCopy) -> None:
    file = "checklists/derived.yml"
    line = copy.change(file, r"then: \{(preschool): true\}", "toddler")
    assert_at(copy.problem(), file, line, "There is no profile fact 'toddler'", "facts.yml")


@pytest.mark.parametrize(
    ("condition", "what", "mend"),
    [
        ("{disability_level: [1, 5]}", "'disability_level' is never 5", "a number from 0 to 4"),
        ("{employment: employed}", "'employment' is never 'employed'", "employee, flexible"),
        ("{preschool: 1}", "'preschool' is never 1", "true or false"),
        ('{low_income: "yes"}', "'low_income' is never 'yes'", "true or false"),
        ("{age: {at_least: 600}}", "'age' is never 600", "a number from 0 to 120"),
        ("{age: true}", "'age' is never True", "a number from 0 to 120"),
    ],
)
def test_a_condition_with_an_impossible_value(copy: ContentCopy, condition: str, what: str, mend: str) -> None:
    line = copy.change(ENROLMENT, r"when: (\{preschool: false\})", condition)
    assert_at(copy.problem(), ENROLMENT, line, what, mend)


@pytest.mark.parametrize(
    "condition",
    [
        "{age: {at_least: 60, below: 60}}",
        "{preschool: true, student: true}",
        "{preschool: true, employment: retired}",
        "{migrant_workers_child: true, age: {at_least: 18}}",
        "{any: []}",
        "{student: true, not: {student: true}}",
    ],
)
def test_an_item_that_nobody_can_need(copy: ContentCopy, condition: str) -> None:
    line = copy.change(ENROLMENT, r"when: (\{preschool: false\})", condition)
    assert_at(copy.problem(), ENROLMENT, line, "holds for nobody", "checklists/derived.yml")


def test_a_block_that_is_never_shown(copy: ContentCopy) -> None:
    block = "when: {student: true, age: {below: 6}}\n        law:"
    copy.append(PLAIN, STATEMENT.replace("law:", block, 2).replace(block, "law:", 1))
    line = copy.line(PLAIN, r"^        when: \{student: true, age")
    assert_at(copy.problem(), PLAIN, line, "holds for nobody", "derived.yml")


@pytest.mark.parametrize("field", ["if_applicable", "why_not"])
def test_a_conditional_item_that_does_not_say_for_whom(copy: ContentCopy, field: str) -> None:
    copy.change(ENROLMENT, rf"^(    {field}: [^\n]*\n)", "")
    line = copy.line(ENROLMENT, r"^    when: \{preschool: false\}")
    assert_at(copy.problem(), ENROLMENT, line, f"no `{field}`", f"Add `{field}:`")


# Dates ----------------------------------------------------------------------------------------------------


def test_an_article_that_goes_on_although_another_takes_over(copy: ContentCopy) -> None:
    copy.change("law/sil.yml", r'number: "23".*?(    valid_to: 2026-12-31\n)', "")
    line = copy.line("law/hsl.yml", r'^    supersedes: \["sil:23"\]')
    problem = copy.problem()
    assert_at(problem, "law/hsl.yml", line, "hsl:10 takes over from sil:23", "Give sil:23 `valid_to: 2026-12-31`")


def test_a_gap_between_an_article_and_its_successor(copy: ContentCopy) -> None:
    copy.change("law/sil.yml", r'number: "23".*?valid_to: (2026-12-31)', "2026-12-30")
    line = copy.line("law/hsl.yml", r'^    supersedes: \["sil:23"\]')
    assert_at(copy.problem(), "law/hsl.yml", line, "that ends on 2026-12-30", "or correct `supersedes`")


def test_an_article_that_ends_without_successor(copy: ContentCopy) -> None:
    copy.change("law/hsl.yml", r'^(    supersedes: \["sil:23"\]\n)', "")
    line = copy.line("law/sil.yml", r'^  - number: "23"')
    before = (CONTENT_ROOT / "law/sil.yml").read_text(encoding="utf-8").split("\n")[line:]
    line += before.index("    valid_to: 2026-12-31") + 1
    problem = copy.problem()
    assert_at(problem, "law/sil.yml", line, "sil:23 ends, but no article", "`supersedes` of its successor")


def test_a_block_that_ends_before_it_begins(copy: ContentCopy) -> None:
    window = "from: 2027-01-01\n        until: 2026-12-31\n        text: {en: Pay"
    copy.append(PLAIN, STATEMENT.replace("text: {en: Pay", window))
    line = copy.line(PLAIN, r"^        until: 2026-12-31\n        text: \{en: Pay in time")
    assert_at(copy.problem(), PLAIN, line, "before it begins on 2027-01-01", "`from` or `until`")


def test_an_article_that_ends_before_it_begins(copy: ContentCopy) -> None:
    line = copy.change(
        "law/agr.yml",
        r"(    valid_from: 2023-12-01\n)",
        "    valid_from: 2023-12-01\n    valid_to: 2022-01-01\n",
    )
    problems = check_content(copy.root)
    reversed_window = next(problem for problem in problems if "before it begins" in problem.what)
    assert_at(reversed_window, "law/agr.yml", line + 1, "ends on 2022-01-01", "`valid_from` or `valid_to`")


@pytest.mark.parametrize(
    ("file", "pattern"),
    [
        ("law/hsl.yml", r"valid_from: (2027-01-01)"),
        ("law/sil.yml", r"valid_to: (2026-12-31)"),
        (PLAIN, r"date: \"(\d{4}-\d{2}-\d{2})\""),
    ],
)
def test_a_day_that_is_in_no_calendar(copy: ContentCopy, file: str, pattern: str) -> None:
    line = copy.change(file, pattern, "2026-02-30")
    assert_at(copy.problem(), file, line, "2026-02-30", "existing day")


def test_a_day_of_a_block_that_is_in_no_calendar(copy: ContentCopy) -> None:
    copy.append(PLAIN, STATEMENT.replace("text: {en: Pay", "until: 2027-02-29\n        text: {en: Pay"))
    line = copy.line(PLAIN, r"^        until: 2027-02-29")
    assert_at(copy.problem(), PLAIN, line, "2027-02-29 is no day", "2027-01-01")


def test_a_day_that_cannot_be_meant(copy: ContentCopy) -> None:
    line = copy.change(PLAIN, r"date: \"(\d{4}-\d{2}-\d{2})\"", "2207-01-01")
    assert_at(copy.problem(), PLAIN, line, "2207-01-01 cannot be the day", "to 2099-12-31")


# Parts that belong together -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "where", "what", "mend"),
    [
        (
            "kind: notice\n        items: {en: [Pay in time.]}",
            "items",
            "A notice has no items",
            "steps or documents",
        ),
        ("kind: paragraph", "kind", "This paragraph has no text", "Add `text:`"),
        (
            "kind: steps\n        text: {en: Pay in time.}",
            "kind",
            "This block of steps has no items",
            "`items:`",
        ),
        ("kind: documents\n        items: {en: []}", "kind", "documents has no items", "make it a paragraph"),
    ],
)
def test_a_block_without_what_its_kind_shows(copy: ContentCopy, block: str, where: str, what: str, mend: str) -> None:
    old = "kind: paragraph\n        text: {en: Pay in time.}"
    start = copy.append(PLAIN, STATEMENT.replace(old, block).lstrip("\n"))
    problems = [problem for problem in check_content(copy.root) if what in problem.what]
    line = start + (4 if where == "kind" else 5)
    assert_at(problems[0], PLAIN, line, what, mend)


def test_a_button_with_a_value_that_the_fact_does_not_have(copy: ContentCopy) -> None:
    file = "checklists/facts.yml"
    line = copy.change(file, r"\{value: (urban),", "city")
    assert_at(copy.problem(), file, line, "'household' is never 'city'", "urban, agricultural")


def test_a_value_without_words_in_the_summary(copy: ContentCopy) -> None:
    file = "checklists/facts.yml"
    line = copy.change(file, r"summary: \{en: \{(urban: urban hukou, )", "")
    assert_at(copy.problem(), file, line, "'household' has no words for 'urban'", "with {value} in it")


def test_a_choice_without_values(copy: ContentCopy) -> None:
    file = "checklists/facts.yml"
    copy.change(file, r"^(    values: \[local, elsewhere\]\n)", "")
    line = copy.line(file, r"^  - id: location")
    problems = check_content(copy.root)
    found = next(problem for problem in problems if (problem.file, problem.line) == (file, line))
    assert_at(found, file, line, "'location' has no values", "or its range")


def test_a_name_of_a_phrase_that_yaml_reads_as_a_truth_value(copy: ContentCopy) -> None:
    line = copy.change("phrases.yml", r"^  (list_needed): ", "on")
    assert_at(copy.problem(), "phrases.yml", line, "reads the name of this phrase as True", "in quotes")


def test_placeholders_that_differ_between_the_languages(copy: ContentCopy) -> None:
    line = copy.change("phrases.yml", r"^  known: (\{[^\n]*)$", '{en: "Noted: {facts}.", zh: "已记录：{fact}。"}')
    problem = copy.problem()
    assert_at(problem, "phrases.yml", line, "are {fact}, but {facts} in 'en'", "in every language")


@pytest.mark.parametrize("text", ["Noted: {facts.", "Noted: {}."])
def test_braces_that_are_no_placeholder(copy: ContentCopy, text: str) -> None:
    line = copy.change("phrases.yml", r"^  known: (\{[^\n]*)$", f'{{en: "{text}"}}')
    assert_at(copy.problem(), "phrases.yml", line, "no placeholders", "{name}")


def test_placeholders_of_a_question_about_a_fact(copy: ContentCopy) -> None:
    file = "checklists/facts.yml"
    line = copy.change(file, r"question: \{en: \"How old is \{person\}\?\", zh: (\"[^\"]*\")", '"多大？"')
    assert_at(copy.problem(), file, line, "are none, but {person} in 'en'", "same placeholders")


# Questions ------------------------------------------------------------------------------------------------


def test_the_same_question_in_two_topics(copy: ContentCopy) -> None:
    other = "answers/who_can_pay.yml"
    first = copy.line(PLAIN, r"^        - when can i pay medical insurance$")
    line = copy.change(other, r"questions:\n +en:\n +- ([^\n]+)", '"When can I pay: medical   insurance?!"')
    problem = copy.problem()
    assert_at(problem, other, line, f"stands at {PLAIN}:{first} as well", "where it is answered best")


def test_the_same_question_for_two_articles(copy: ContentCopy) -> None:
    first = copy.line("law/hsl.yml", r"^        - what does the healthcare security law apply to")
    line = copy.change(
        "law/sil.yml", r"questions:\n +en:\n +- ([^\n]+)", "What does the Healthcare Security Law apply to?"
    )
    problem = copy.problem()
    assert_at(problem, "law/sil.yml", line, f"stands at law/hsl.yml:{first} as well", "delete the other one")


def test_questions_of_two_topics_that_mean_the_same(copy: ContentCopy) -> None:
    one, other = "when can i pay medical insurance", "can individuals pay medical insurance"
    first = copy.line(PLAIN, rf"^        - {one}$")
    line = copy.line("answers/who_can_pay.yml", rf"^        - {other}$")
    problem = copy.problem(encoder=SynonymEncoder(one, other))
    assert_at(problem, "answers/who_can_pay.yml", line, f"means the same as '{one}' at {PLAIN}:{first}", "Delete")
    assert "similarity 1.00" in problem.what


def test_questions_of_one_topic_may_mean_the_same(copy: ContentCopy) -> None:
    one, other = "can individuals pay medical insurance", "can i pay medical insurance by myself"
    assert check_content(copy.root, encoder=SynonymEncoder(one, other)) == []
