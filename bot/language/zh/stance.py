"""How a fact is meant in Chinese: so, denied, over, or left open; and whether it is only a guess."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.language.facts import Fact
from bot.language.stance import Stance
from bot.language.text import Text

_REACH = 8  # characters between 没有 and what it denies
_AND = "、"
_SUPPOSING = frozenset({"呢", "的", "话", "了"})
_WHEN = frozenset("年月去前今底初份就早已")  # 低保24年就停了
_PAPERS = frozenset({"要", "需", "带", "交", "提", "拿", "办", "开"})  # before 低保证: a paper, not a person
_USE = frozenset({"有啥", "有什", "有何", "干啥", "干嘛", "干什", "做啥", "做什"})
_GOING_ON = frozenset("那然反")  # 残疾没有那个低收入, 没有然后, 没有反正
_LITTLE = frozenset(":=的也都倒就证嘛这些个更啊呀话是暂时户肯定")  # between a fact and its denial: 低保这个倒是没有
_ENDING = frozenset({"minimum_living_guarantee", "low_income", "student", "preschool"})
_OPPOSITE = {"urban": "agricultural", "agricultural": "urban", "local": "elsewhere", "elsewhere": "local"}
_UNDISPUTED = frozenset({"age", "birth_year", "birth_date", "school_grade", "article", "law"})


def as_meant(text: Text, fact: Fact, facts: Sequence[Fact]) -> Iterator[Fact]:
    """What holds of a fact that was told, denied, or guessed; nothing where it stays open."""
    hedged = fact.hedged or _is_hedged(text, fact)
    if fact.entity in _UNDISPUTED:
        yield replace(fact, hedged=hedged if fact.entity == "age" else fact.hedged)
        return
    stance = Stance.SO if _is_choice(fact) or _is_supposed(text, fact) else stance_of(text, fact, facts)
    if stance is Stance.SO:
        yield replace(fact, hedged=hedged)
        if fact.entity == "student" and fact.value:
            yield replace(fact, entity="preschool", value=False, hedged=hedged)
    elif stance is Stance.NOT_SO:
        yield from _denied(text, fact)
    elif stance is Stance.OVER and fact.entity in _ENDING:
        yield replace(fact, value=False)


def stance_of(text: Text, fact: Fact, facts: Sequence[Fact]) -> Stance:
    """How a fact is meant; ``facts`` are all facts of the message in order."""
    if _is_ended(text, fact):
        return Stance.OVER
    if _is_open(text, fact):
        return Stance.OPEN
    if _was_once(text, fact):
        return Stance.OVER
    return Stance.NOT_SO if _is_denied_before(text, fact, facts) or _is_denied_behind(text, fact, facts) else Stance.SO


def _is_choice(fact: Fact) -> bool:
    """三级还是四级记不清: whichever it is, it means the same."""
    return fact.entity == "disability_level" and fact.hedged and not fact.weak


def _is_supposed(text: Text, fact: Fact) -> bool:
    """要是农村户口呢: asked for as if it were so, with nothing else."""
    word = text.before(fact.start)
    while text.reads(word, "be", "filler", "somebody") and not text.reads(word, "condition"):
        word = text.before(word)
    behind = fact.end
    while behind < len(text) and (text.word(behind) in _SUPPOSING or text.reads(behind, "filler", "question_mark")):
        behind += 1
    while text.is_boundary(behind) and behind < len(text):
        behind += 1
    return text.reads(word, "condition") and behind >= len(text)


def _is_hedged(text: Text, fact: Fact) -> bool:
    return any(text.same_part(piece.start, fact.start) for piece, _ in text.having("hedge"))


def _is_open(text: Text, fact: Fact) -> bool:
    """是不是低保, 算低收入吗, 残疾几级不清楚, 要低保证吗, 如果是低保."""
    before = text.before(fact.start)
    while text.reads(before, "be", "filler", "hedge") and not text.reads(before, "question"):
        before = text.before(before)
    if text.reads(before, "question") and text.same_part(before, fact.start):
        asked = text.word(before) not in ("算", "算是") or text.reads(fact.end, "question_mark")
        if asked:
            return True
    asked = text.reads(fact.end, "question_mark") and (text.word(fact.end) != "嘛" or text.is_boundary(fact.end + 1))
    if asked and fact.entity not in ("household", "location", "employment"):
        return True
    if text.word(fact.end) == "不" and text.is_boundary(fact.end + 1):
        return True
    part = [word for word in range(len(text)) if text.same_part(word, fact.start)]
    if any(text.reads(word, "condition") for word in part if word < fact.start):
        return True
    if any(text.reads(word, "unknown") and _nothing_between(text, fact, word) for word in part):
        return True
    if _is_doubled(text, fact):
        return True
    if text.is_boundary(fact.end) and text.reads(fact.end + 1, "unknown"):
        return True
    is_paper = text.word(fact.end - 1) in ("证", "明") and text.word(fact.start - 1) in _PAPERS
    is_paper = is_paper and not text.reads(fact.start - 1, "negation")
    is_paper = is_paper or (
        text.word(fact.end - 1) == "证" and "".join(text.words[fact.end : fact.end + 2]) in _USE
    )  # 残疾证有啥用
    return is_paper or (text.reads(fact.start, "disability") and text.word(fact.start - 1) in ("要", "需"))


def _nothing_between(text: Text, fact: Fact, word: int) -> bool:
    """Whether nothing is said between a fact and a word: 低保残疾都不清楚, but not 低保有的，低收入不清楚 in one breath."""
    between = range(fact.end, word) if word >= fact.end else range(text.after(word), fact.start)
    others = any(text.reads(one, "fact") for one in between)
    return not others or not any(text.reads(one, "negation", "affirmation") for one in between)


def _is_doubled(text: Text, fact: Fact) -> bool:
    """低收入不低收入的."""
    for former, later in ((fact.start, fact.end + 1), (fact.start - 2, fact.start)):
        between = later - 1
        same = set(text.readings(former)) & set(text.readings(later))
        if text.word(between) == "不" and same:
            return True
    return False


def _was_once(text: Text, fact: Fact) -> bool:
    """以前是低保."""
    word = text.before(fact.start)
    while word >= 0 and text.same_part(word, fact.start) and fact.start - word <= _REACH:
        if text.reading(word, "over") == "was":
            return True
        word = text.before(word)
    return False


def _is_ended(text: Text, fact: Fact) -> bool:
    """低保去年就停了, 申请低保没批下来."""
    behind = fact.end
    dated = ("filler", "numeral", "counted", "time")
    while behind < len(text) and not text.is_boundary(behind) and behind - fact.end < _REACH:
        if text.reading(behind, "over") == "ended":
            return True
        if not (text.reads(behind, *dated) or text.word(behind) in _WHEN or text.word(behind).isdigit()):
            return False
        behind = text.after(behind)
    return False


def _is_denied_before(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """A denial that reaches the fact: not past another fact (but 没有低保和残疾), a person, or the statement's end."""
    word = text.before(fact.start)
    while word >= 0 and fact.start - word <= _REACH:
        if text.word(word) == _AND:
            return _continues_denied(text, fact, word, facts)
        if text.is_boundary(word) or text.reads(word, "break", "correction", "somebody"):
            return False
        if text.reads(word, "negation"):
            return not _belongs_to_former(text, word, facts)
        other = next((one for one in facts if one.start <= word < one.end and one is not fact), None)
        if other is not None:
            joined = any(text.reads(one, "joint") for one in range(other.end, fact.start))
            return joined and _is_denied_before(text, other, facts)
        word = text.before(word)
    return False


def _continues_denied(text: Text, fact: Fact, mark: int, facts: Sequence[Fact]) -> bool:
    former = next((one for one in facts if one.end == mark), None)
    return former is not None and fact.start - mark <= 2 and _is_denied_before(text, former, facts)


def _belongs_to_former(text: Text, word: int, facts: Sequence[Fact]) -> bool:
    """低保没有残疾没有: where each denial stands behind its fact, it says nothing of the next."""
    follows = any(0 <= word - one.end <= 1 and text.same_part(word, one.end - 1) for one in facts)
    last = max((one.end for one in facts), default=0)
    closes = any(text.reads(behind, "negation") for behind in range(last, min(last + 2, len(text))))
    return follows and closes


def _is_denied_behind(text: Text, fact: Fact, facts: Sequence[Fact]) -> bool:
    """低保没有, 残疾：无, 低收入也不是."""
    beside = next((one for one in facts if 0 <= one.start - fact.end <= 1 and one is not fact), None)
    if beside is not None:
        whose = text.reads(beside.end, "pronoun", "speaker", "person")
        all_of_them = text.word(text.after(beside.end) if whose else beside.end) == "都"
        joined = text.word(fact.end) in (_AND, "啊", "呀") or (text.reads(fact.end, "joint") and all_of_them)
        if joined or (all_of_them and not text.is_boundary(fact.end)):
            return _is_denied_behind(text, beside, facts)  # 低保残疾她都没有, 低保、残疾这些我都没有
    word = fact.end
    while text.word(word) in _LITTLE:
        word += 1
    if text.reads(word, "speaker", "pronoun", "person") and text.reads(text.after(word), "negation"):
        word = text.after(word)  # 低保我家没有
    if not text.reads(word, "negation") or word - fact.end > 4:
        return False
    behind = text.after(word)
    while text.reads(behind, "filler") and not text.is_boundary(behind):
        behind = text.after(behind)
    follows = any(one.start == behind for one in facts)
    return (
        text.is_boundary(behind)
        or text.word(behind) in _GOING_ON
        or (follows and _belongs_to_former(text, word, facts))
    )


def _denied(text: Text, fact: Fact) -> Iterator[Fact]:
    """What holds when a fact is denied; nothing where the denial leaves it open."""
    before = "".join(text.words[max(0, fact.start - 3) : fact.start])
    if fact.entity == "student" and fact.value:
        too_small = "还" in before
        yield replace(fact, entity="preschool" if too_small else "student", value=too_small)
    elif fact.entity == "preschool" and fact.value:
        if "还" in before:
            yield fact
        elif "不" in before:
            yield replace(fact, value=False)
    elif fact.entity == "disabled":
        yield replace(fact, entity="disability_level", value=0)
    elif fact.entity in ("migrant_child", "migrant_worker") or fact.value is True:
        yield replace(fact, value=False)
    elif fact.value == "employee":
        yield replace(fact, value="unemployed", weak=True)
    elif fact.entity in ("household", "location"):
        yield replace(fact, value=_OPPOSITE[str(fact.value)])
