"""What an action in the process is given is what Rasa would send it."""

from __future__ import annotations

import copy

import pytest

from bot.runtime import quiet

quiet.prepare()
from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402
from rasa_sdk import Tracker  # noqa: E402

from bot.runtime import in_process_actions, trackers  # noqa: E402
from bot.runtime.in_process_actions import InProcessActions, WrittenEvents  # noqa: E402
from tests.unit.test_tracker_store import DOMAIN, TURNS  # noqa: E402
from tests.unit.test_trackers import LOOP  # noqa: E402


@pytest.fixture(autouse=True)
def tuned() -> None:
    trackers.install()
    in_process_actions.install()
    in_process_actions.install()


@pytest.fixture(params=[[], [event for turn in TURNS for event in turn], LOOP])
def tracker(request: pytest.FixtureRequest) -> DialogueStateTracker:
    return DialogueStateTracker.from_events("c1", copy.deepcopy(request.param), DOMAIN.slots)


def test_the_call_is_that_of_rasa(tracker: DialogueStateTracker) -> None:
    action = RemoteAction("action_answer", InProcessActions(()))
    expected = RemoteAction._action_call_format.stock(action, tracker, DOMAIN)
    call = action._action_call_format(tracker, DOMAIN)
    assert isinstance(call["tracker"]["events"], WrittenEvents)
    assert call == expected
    assert {**call["tracker"], "events": list(call["tracker"]["events"])} == expected["tracker"]


def test_an_action_elsewhere_is_sent_plain_lists(tracker: DialogueStateTracker) -> None:
    call = RemoteAction("action_answer", EndpointConfig("http://actions"))._action_call_format(tracker, DOMAIN)
    assert type(call["tracker"]["events"]) is list


def test_the_sdk_works_with_them_as_with_a_list(tracker: DialogueStateTracker) -> None:
    action = RemoteAction("action_answer", InProcessActions(()))
    theirs = Tracker.from_dict(RemoteAction._action_call_format.stock(action, tracker, DOMAIN)["tracker"])
    ours = Tracker.from_dict(action._action_call_format(tracker, DOMAIN)["tracker"])
    for one in (theirs, ours):
        one.add_slots([{"event": "slot", "name": "topic", "value": "how_to_pay", "timestamp": None}])
    assert ours.current_state() == theirs.current_state()
    assert ours.copy().events == theirs.copy().events
    assert ours.events_after_latest_restart() == theirs.events_after_latest_restart()
    assert ours.get_last_event_for("user") == theirs.get_last_event_for("user")
    assert ours.events[-3:] == theirs.events[-3:]
    assert ours.get_slot("topic") == "how_to_pay"


def test_what_comes_later_is_not_seen(tracker: DialogueStateTracker) -> None:
    events = WrittenEvents(tracker.events)
    before = len(events)
    for event in copy.deepcopy(LOOP):
        tracker.update(event)
    assert len(events) == len(list(events)) == before
    del events[:]
    assert list(events) == []
