"""Conditions over profile facts: yes, no, and unknown as long as the facts do not decide."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import conditions
from knowledge.conditions import AGE_LIMIT, FactValue, Profile, Truth, any_of, parse_condition

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN

VALUES: dict[str, list[FactValue]] = {
    "household": ["urban", "agricultural"],
    "preschool": [True, False],
    "low_income": [True, False],
    "disability_level": [0, 1, 2, 3, 4],
}


def truth(raw: Any, **facts: FactValue) -> Truth:
    return parse_condition(raw).evaluate(Profile(facts))


def test_the_example_of_the_module_holds() -> None:
    assert doctest.testmod(conditions).failed == 0


# Single facts ---------------------------------------------------------------------------------------------


def test_no_condition_holds_for_everyone() -> None:
    assert truth(None) is YES


def test_maybe_is_never_decided() -> None:
    assert truth("maybe", age=60, household="urban") is UNKNOWN


@pytest.mark.parametrize(("level", "expected"), [(0, NO), (1, YES), (2, YES), (3, NO), (4, NO)])
def test_a_list_of_values_holds_for_each_of_them(level: int, expected: Truth) -> None:
    assert truth({"disability_level": [1, 2]}, disability_level=level) is expected


def test_an_unknown_fact_leaves_the_condition_open() -> None:
    assert truth({"household": "urban"}) is UNKNOWN


@pytest.mark.parametrize(("age", "expected"), [(59, NO), (60, YES), (61, YES)])
def test_at_least_includes_the_bound(age: int, expected: Truth) -> None:
    assert truth({"age": {"at_least": 60}}, age=age) is expected


@pytest.mark.parametrize(("age", "expected"), [(17, YES), (18, NO)])
def test_below_leaves_the_bound_out(age: int, expected: Truth) -> None:
    assert truth({"age": {"below": 18}}, age=age) is expected


@pytest.mark.parametrize(("age", "expected"), [(5, NO), (6, YES), (7, YES), (8, NO)])
def test_a_range_includes_both_ends(age: int, expected: Truth) -> None:
    assert truth({"age": {"at_least": 6, "at_most": 7}}, age=age) is expected


def test_a_single_age() -> None:
    assert truth({"age": 6}, age=6) is YES
    assert truth({"age": 6}, age=7) is NO


@pytest.mark.parametrize(
    ("bounds", "expected"), [((60, 70), YES), ((0, 59), NO), ((59, 60), UNKNOWN), ((0, AGE_LIMIT), UNKNOWN)]
)
def test_an_age_not_told_exactly_decides_as_soon_as_all_possible_ages_agree(
    bounds: tuple[int, int], expected: Truth
) -> None:
    assert parse_condition({"age": {"at_least": 60}}).evaluate(Profile({}, bounds)) is expected


def test_an_exact_age_counts_more_than_bounds() -> None:
    assert parse_condition({"age": {"at_least": 60}}).evaluate(Profile({"age": 60}, (0, 20))) is YES


# Kleene's tables ------------------------------------------------------------------------------------------

HOLDS, FAILS, OPEN = {"low_income": True}, {"low_income": False}, "maybe"


@pytest.mark.parametrize(
    ("one", "other", "both", "either"),
    [
        (HOLDS, HOLDS, YES, YES),
        (HOLDS, FAILS, NO, YES),
        (HOLDS, OPEN, UNKNOWN, YES),
        (FAILS, HOLDS, NO, YES),
        (FAILS, FAILS, NO, NO),
        (FAILS, OPEN, NO, UNKNOWN),
        (OPEN, HOLDS, UNKNOWN, YES),
        (OPEN, FAILS, NO, UNKNOWN),
        (OPEN, OPEN, UNKNOWN, UNKNOWN),
    ],
)
def test_and_and_or(one: Any, other: Any, both: Truth, either: Truth) -> None:
    person = Profile({"low_income": True})
    parts = parse_condition(one), parse_condition(other)
    assert conditions.All(parts).evaluate(person) is both
    assert any_of(parts).evaluate(person) is either


@pytest.mark.parametrize(("part", "expected"), [(HOLDS, NO), (FAILS, YES), (OPEN, UNKNOWN)])
def test_not(part: Any, expected: Truth) -> None:
    assert truth({"not": part}, low_income=True) is expected


def test_several_facts_must_all_hold() -> None:
    both = {"low_income": True, "age": {"at_least": 60}}
    assert truth(both, low_income=True, age=60) is YES
    assert truth(both, low_income=True, age=59) is NO
    assert truth(both, low_income=True) is UNKNOWN
    assert truth(both, age=59) is NO


def test_a_condition_knows_the_facts_it_looks_at() -> None:
    raw = {"any": [{"household": "urban"}, {"not": {"age": {"below": 6}}}, "maybe"], "low_income": True}
    assert parse_condition(raw).facts() == {"household", "age", "low_income"}
    assert parse_condition("maybe").facts() == parse_condition(None).facts() == frozenset()


# What is no condition -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        {},
        [],
        "perhaps",
        True,
        {"not": {}},
        {"any": ["always"]},
        {"age": {"over": 60}},
        {"disability_level": {"at_least": 1}},
    ],
)
def test_what_is_no_condition_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError, match=r"condition|only age takes"):
        parse_condition(raw)


# Learning -------------------------------------------------------------------------------------------------


def _bounds(low: int, high: int) -> dict[str, Any]:
    return {"age": {"at_least": min(low, high), "at_most": max(low, high)}}


ages = st.integers(0, AGE_LIMIT)
leaves = st.one_of(
    st.just("maybe"),
    st.builds(_bounds, ages, ages),
    *(
        st.builds(lambda values, fact=fact: {fact: values}, st.lists(st.sampled_from(values), min_size=1))
        for fact, values in VALUES.items()
    ),
)
raw_conditions = st.recursive(
    leaves,
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(lambda several: {"any": several}, st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda one, several: {"not": one, "any": several}, parts, st.lists(parts, min_size=1, max_size=2)),
    ),
    max_leaves=6,
)
people = st.fixed_dictionaries({"age": ages, **{fact: st.sampled_from(values) for fact, values in VALUES.items()}})


@settings(deadline=None)
@given(raw_conditions, people, st.sets(st.sampled_from(["age", *VALUES])), st.data())
def test_learning_a_fact_never_turns_yes_into_no_or_back(
    raw: Any, person: dict[str, FactValue], told: set[str], data: st.DataObject
) -> None:
    condition = parse_condition(raw)
    age = int(person["age"])
    bounds = data.draw(st.integers(0, age)), data.draw(st.integers(age, AGE_LIMIT))
    narrower = data.draw(st.integers(bounds[0], age)), data.draw(st.integers(age, bounds[1]))
    before = condition.evaluate(Profile({fact: person[fact] for fact in told}, bounds))
    more = told | data.draw(st.sets(st.sampled_from(["age", *VALUES])))
    after = condition.evaluate(Profile({fact: person[fact] for fact in more}, narrower))
    assert before in (UNKNOWN, after)


@settings(deadline=None)
@given(raw_conditions, people)
def test_with_every_fact_known_only_maybe_stays_open(raw: Any, person: dict[str, FactValue]) -> None:
    if "maybe" not in str(raw):
        assert parse_condition(raw).evaluate(Profile(person)) is not UNKNOWN
