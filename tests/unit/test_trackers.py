"""Trackers replayed without ado are those of stock Rasa."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.runtime import quiet

quiet.prepare()
from rasa.shared.core import trackers as rasas  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import (  # noqa: E402
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    ConversationPaused,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    FollowupAction,
    LegacyForm,
    LoopInterrupted,
    Restarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.slots import AnySlot, ListSlot, Slot  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity  # noqa: E402

from bot.runtime import trackers  # noqa: E402
from tests.unit.test_tracker_store import DOMAIN, TURNS, said  # noqa: E402

SLOTS = [
    *DOMAIN.slots,
    ListSlot("asked", [{"type": "custom"}], initial_value=["age"]),
    AnySlot("told", [{"type": "custom"}], initial_value=0, influence_conversation=False),
]
LOOP: list[Event] = [
    said("papers for my son", 10.0),
    ActionExecuted("checklist_form"),
    ActiveLoop("checklist_form"),
    SlotSet("requested_slot", "age"),
    ActionExecuted("action_listen"),
    said("4", 11.0),
    ActionExecuted("checklist_form"),
    ActionExecuted("action_listen"),
    said("why?", 12.0),
    ActionExecutionRejected("checklist_form"),
    ActionExecuted("action_answer"),
    LoopInterrupted(True),
    ActionExecuted("checklist_form"),
    ActionExecuted("action_listen"),
]
CONVERSATIONS: list[list[Event]] = [
    [],
    [event for turn in TURNS for event in turn],
    *([event for turn in TURNS[:end] for event in turn] for end in range(1, len(TURNS))),
    LOOP,
    [*LOOP, LegacyForm(None), said("thanks", 13.0), ActionExecuted("checklist_form"), ActionExecuted("action_listen")],
    [*LOOP, SlotSet("asked", "topic"), SlotSet("told", 4), AllSlotsReset(), FollowupAction("action_answer")],
    [*LOOP, ActionReverted(), ConversationPaused(), SlotSet("topic", "should_not_be_set")],
]
TUNED: list[tuple[type, str]] = [
    *((DialogueStateTracker, name) for name in ("update", "applied_events", "generate_all_prior_trackers")),
    *((DialogueStateTracker, name) for name in ("init_copy", "copy", "current_state", "_set_slot", "_reset_slots")),
    *((Domain, name) for name in ("_get_slots_sub_state", "states_for_tracker_history")),
]


@contextmanager
def stock() -> Iterator[None]:
    """Rasa as it comes."""
    with pytest.MonkeyPatch.context() as patch:
        for owner, name in TUNED:
            method = getattr(owner, name).stock
            patch.setattr(owner, name, staticmethod(method) if name == "_get_slots_sub_state" else method)
        patch.setattr(rasas, "copy", copy)
        yield


@pytest.fixture(autouse=True)
def tuned() -> None:
    trackers.install()
    trackers.install()


def told(events: list[Event], model: str | None = None) -> DialogueStateTracker:
    tracker = DialogueStateTracker("c1", SLOTS, max_event_history=30)
    tracker.model_id = tracker.assistant_id = model
    for event in events:
        tracker.update(event, DOMAIN)
    return tracker


def seen(tracker: DialogueStateTracker) -> dict[str, Any]:
    """All that there is to a tracker."""
    slots = {name: (type(slot), slot.value, slot.has_been_set) for name, slot in tracker.slots.items()}
    return {**tracker.current_state(EventVerbosity.ALL), "all": slots, "limit": tracker.events.maxlen}


def unlimited(tracker: DialogueStateTracker) -> DialogueStateTracker:
    """The same conversation with a tracker that keeps every event, as in the assistant."""
    return DialogueStateTracker.from_events("c1", list(tracker.events), SLOTS)


LOOKS: dict[str, Callable[[DialogueStateTracker], Any]] = {
    "state": seen,
    "without events": DialogueStateTracker.current_state,
    "applied": lambda tracker: tracker.current_state(EventVerbosity.APPLIED)["events"],
    "copy": lambda tracker: seen(tracker.copy()),
    "copy of all events": lambda tracker: seen(unlimited(tracker).copy()),
    "beginning": lambda tracker: seen(tracker.init_copy()),
    "before each action": lambda tracker: [(seen(one), hide) for one, hide in tracker.generate_all_prior_trackers()],
    "states": lambda tracker: tracker.past_states(DOMAIN),
    "states of slots that were set": lambda tracker: tracker.past_states(DOMAIN, omit_unset_slots=True),
    "states without rules": lambda tracker: tracker.past_states(DOMAIN, ignore_rule_only_turns=True),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("events", CONVERSATIONS)
def test_trackers_are_those_of_rasa(events: list[Event], look: str) -> None:
    with stock():
        expected = LOOKS[look](told(events))
    assert LOOKS[look](told(events)) == expected


def test_a_copy_shares_no_slot() -> None:
    tracker = told(LOOP)
    other = tracker.copy()
    other.update(SlotSet("topic", "how_to_pay"))
    assert (tracker.get_slot("topic"), other.get_slot("topic")) == (None, "how_to_pay")
    third = other.copy()
    other.update(AllSlotsReset())
    assert [one.get_slot("topic") for one in (tracker, other, third)] == [None, None, "how_to_pay"]
    assert all(slot.value == slot.initial_value for slot in SLOTS), "nor with the domain"


@pytest.mark.parametrize("slots", [SLOTS, None])
def test_a_slot_that_is_not_in_the_domain_is_as_with_rasa(
    slots: list[Slot] | None, caplog: pytest.LogCaptureFixture
) -> None:
    def set_strange() -> tuple[Any, str]:
        caplog.clear()
        tracker = DialogueStateTracker("c1", slots)
        tracker.update(SlotSet("strange", 1))
        return tracker.get_slot("strange"), caplog.text.partition("non existent")[2]

    with stock():
        expected = set_strange()
    assert set_strange() == expected


def test_the_states_of_a_conversation_that_goes_on_are_those_of_one_told_at_once() -> None:
    long = [event for turn in TURNS for event in turn] + LOOP
    # Each of these changes what was said before it, or takes it back; the last but one comes late on purpose.
    long += [said("and my wife", 20.0), DefinePrevUserUtteredFeaturization(False), ActionExecuted("action_answer")]
    long += [ActionExecuted("action_listen"), said("why", 21.0), ActionExecuted("action_listen")]
    long += [EntitiesAdded([{"entity": "article", "value": 3}]), DefinePrevUserUtteredFeaturization(True)]
    long += [ActionReverted(), FollowupAction("action_answer"), Restarted(), SlotSet("topic", "law_article")]
    growing, mine = told([]), copy.deepcopy(long)
    for end in range(len(long) + 1):
        for sparse in (False, True, False):
            with stock():
                expected = told(long[:end]).past_states(DOMAIN, omit_unset_slots=sparse)
            states = growing.past_states(DOMAIN, omit_unset_slots=sparse)
            assert states == expected, f"after {end} events"
            for state in states:  # a policy may do so
                for part in state.values():
                    part.clear()
        if end < len(long):
            growing.update(mine[end], DOMAIN)


def test_states_are_those_of_the_domain_that_is_asked() -> None:
    tracker = told(LOOP)
    tracker.past_states(DOMAIN)
    other = copy.deepcopy(DOMAIN)
    other.intent_properties.clear()
    with stock():
        expected = told(LOOP).past_states(other)
    assert tracker.past_states(other) == expected


def test_a_copy_has_the_next_action_that_its_events_want() -> None:
    events = [*LOOP, FollowupAction("action_answer"), SlotSet("topic", "how_to_pay")]

    def copied() -> tuple[Any, Any]:
        tracker = unlimited(told(events))
        tracker.clear_followup_action()  # as Rasa does when the action begins
        return tracker.followup_action, seen(tracker.copy())

    with stock():
        expected = copied()
    assert copied() == expected
    assert expected[1]["followup_action"] == "action_answer"


def test_a_copy_and_its_pattern_go_their_own_ways() -> None:
    tracker = DialogueStateTracker("c1", SLOTS)
    for event in LOOP:
        tracker.update(event, DOMAIN)
    before, other = seen(tracker), tracker.copy()
    for event in (LoopInterrupted(False), SlotSet("asked", "x"), said("no", 30.0), ActiveLoop(None)):
        other.update(event, DOMAIN)
    assert seen(tracker) == before
    with stock():
        assert seen(tracker.copy()) == before


def test_events_are_marked_with_the_model() -> None:
    tracker = told([UserUttered("hello")], model="m1")
    assert tracker.events[0].metadata == {"model_id": "m1", "assistant_id": "m1"}


def test_what_is_no_event_is_refused_in_rasas_words() -> None:
    with pytest.raises(ValueError, match="must be an instance of a subclass of Event"):
        told([]).update({"event": "slot"})
