"""Trackers replayed without ado: a turn makes nine of them, and applies two hundred events.

Rasa asks of every event, for each of several abstract classes, whether it is one; here this is asked once a class.
Rasa copies every slot for every tracker; here trackers share slots, and a tracker that sets one takes a new one.
Rasa replays a conversation for every copy and every prediction; here a copy takes over what the events have made, and
the states before each action are remembered with the tracker, as long as its events are the same and only more.
Events, states and errors are those of Rasa. ``install`` replaces methods of its tracker; each keeps the stock one as
its attribute ``stock``.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from rasa.shared.core import trackers
from rasa.shared.core.constants import SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    EntitiesAdded,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

_BEGINS = (Restarted, SessionStarted)
_CHANGE_A_MESSAGE = (DefinePrevUserUtteredFeaturization, EntitiesAdded)
_PAST = "_past"  # the attribute of a tracker that remembers its states
_is: Callable[[Any, Any], bool] = lru_cache(maxsize=256)(issubclass)


def install() -> None:
    """Tune the trackers of this process; calling it again changes nothing."""
    if hasattr(DialogueStateTracker.update, "stock"):
        return
    methods: tuple[Any, ...] = (update, applied_events, generate_all_prior_trackers, init_copy, copy, current_state)
    for tuned in (*methods, _set_slot, _reset_slots):
        _replace(DialogueStateTracker, tuned)
    _replace(Domain, _get_slots_sub_state, staticmethod)
    _replace(Domain, states_for_tracker_history)
    trackers.copy = SimpleNamespace(copy=lambda slot: slot)  # it copies nothing but slots


def _replace(owner: type, tuned: Any, kind: Callable[[Any], Any] = lambda method: method) -> None:
    tuned.stock = getattr(owner, tuned.__name__)
    setattr(owner, tuned.__name__, kind(tuned))


def _copy_slot(slot: Slot) -> Slot:
    other = object.__new__(type(slot))
    other.__dict__.update(slot.__dict__)
    return other


def _is_plain(kind: Any) -> bool:
    """Whether setting or resetting a slot sets two attributes and does nothing else."""
    return kind.reset is Slot.reset and kind.value is Slot.value


def _set_slot(self: DialogueStateTracker, key: str, value: Any) -> None:
    """Set a slot's value if there is that slot."""
    if key not in self.slots:
        _set_slot.stock(self, key, value)  # type: ignore[attr-defined]
        return
    slot = _copy_slot(self.slots[key])
    slot.value = value
    self.slots[key] = slot


def _reset_slots(self: DialogueStateTracker) -> None:
    """Set all slots to their initial values."""
    for name, slot in self.slots.items():
        if slot._has_been_set or not _is_plain(type(slot)):
            self.slots[name] = fresh = _copy_slot(slot)
            fresh.reset()


def update(self: DialogueStateTracker, event: Event, domain: Domain | None = None) -> None:
    """Append an event and apply it."""
    if self.model_id or self.assistant_id or not _is(type(event), Event):
        update.stock(self, event, domain)  # type: ignore[attr-defined]
        return
    self.events.append(event)
    event.apply_to(self)


def applied_events(self: DialogueStateTracker) -> list[Event]:
    """The events since the latest start, without those that were reverted."""
    loops = [event.name for event in self.events if _is(type(event), ActiveLoop) and event.name]
    applied: list[Event] = []
    for event in self.events:
        kind = type(event)
        if _is(kind, _BEGINS):
            applied = []
        elif _is(kind, ActionReverted):
            self._undo_till_previous(ActionExecuted, applied)
        elif _is(kind, UserUtteranceReverted):
            self._undo_till_previous(UserUttered, applied)
            self._undo_till_previous(ActionExecuted, applied)
        elif (
            loops
            and _is(kind, ActionExecuted)
            and event.action_name in loops
            and not self._first_loop_execution_or_unhappy_path(event.action_name, applied)
        ):
            self._undo_till_previous_loop_execution(event.action_name, applied)
        else:
            applied.append(event)
    return applied


def generate_all_prior_trackers(self: DialogueStateTracker) -> Iterator[tuple[DialogueStateTracker, bool]]:
    """The tracker before each action, and whether the action is hidden; one tracker, which goes on."""
    tracker = self.init_copy()
    for event in self.applied_events():
        if _is(type(event), ActionExecuted):
            yield tracker, event.hide_rule_turn
        tracker.events.append(event)
        event.apply_to(tracker)
    yield tracker, False


def init_copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """A tracker at its beginning, with slots at their initial values."""
    sender, limit = self.sender_id or trackers.DEFAULT_SENDER_ID, self._max_event_history
    return DialogueStateTracker(sender, self.slots.values(), limit, is_rule_tracker=self.is_rule_tracker)


def copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """A tracker as its events make it."""
    try:
        followup = _followup(self)
    except _Unclear:
        return _replayed(self)
    other = object.__new__(DialogueStateTracker)
    other.__dict__.update(self.__dict__)
    other.__dict__.pop(_PAST, None)
    other.sender_id = self.sender_id or trackers.DEFAULT_SENDER_ID
    other.sender_source = other.model_id = other.assistant_id = None
    other.slots, other.events = self.slots.copy(), self.events.copy()
    other.followup_action = followup
    other.latest_action = {**(self.latest_action or {})}
    other.active_loop = None if self.active_loop is None else replace(self.active_loop)
    return other


class _Unclear(Exception):
    """What the events make cannot be seen without replaying them."""


def _followup(self: DialogueStateTracker) -> str | None:
    """The action that the events want next; Rasa forgets it without an event when it begins.

    Raises:
        _Unclear: the latest events undo others, or some are no longer kept, or slots are made as they are asked for.
    """
    if self._max_event_history is not None or type(self.slots) is not dict:
        raise _Unclear
    for event in reversed(self.events):
        kind = type(event)
        if _is(kind, (ActionExecuted, UserUttered)):
            return None
        if _is(kind, FollowupAction):
            name: str = event.action_name
            return name
        if not _is(kind, (SlotSet, ActiveLoop, BotUttered, DefinePrevUserUtteredFeaturization)):
            raise _Unclear
    raise _Unclear


def _replayed(self: DialogueStateTracker) -> DialogueStateTracker:
    other = self.init_copy()
    events: deque[Event] = other.events
    for event in self.events:
        events.append(event)
        event.apply_to(other)
    return other


@dataclass
class _Past:
    """The states before the actions of a conversation, and the tracker that came through them."""

    domain: Domain
    sparse: bool
    tracker: DialogueStateTracker
    events: list[Event]
    states: list[State]
    since_said: int = 0  # states since the person's latest message

    def goes_on_to(self, events: list[Event]) -> bool:
        """Whether these are the same events, and those that are more change nothing before them."""
        more = events[len(self.events) :]
        return (
            len(events) >= len(self.events)
            and all(map(operator.is_, self.events, events))
            and not (self.since_said and any(_is(type(event), _CHANGE_A_MESSAGE) for event in more))
        )

    def go_on_to(self, events: list[Event]) -> None:
        for event in events[len(self.events) :]:
            if _is(type(event), ActionExecuted):
                self.states.append(self.now())
                self.since_said += 1
            elif _is(type(event), UserUttered):
                self.since_said = 0
            self.tracker.events.append(event)
            event.apply_to(self.tracker)
        self.events = events

    def now(self) -> State:
        state: State = self.domain.get_active_state(self.tracker, omit_unset_slots=self.sparse)
        return state


def states_for_tracker_history(
    self: Domain,
    tracker: DialogueStateTracker,
    omit_unset_slots: bool = False,
    ignore_rule_only_turns: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    """The state before each action, and the one now; whoever is given them may change them."""
    if ignore_rule_only_turns:
        states: list[State] = states_for_tracker_history.stock(  # type: ignore[attr-defined]
            self, tracker, omit_unset_slots, ignore_rule_only_turns, rule_only_data
        )
        return states
    events = tracker.applied_events()
    past: _Past | None = tracker.__dict__.get(_PAST)
    known = past is not None and (past.domain is self) and past.sparse == omit_unset_slots and past.goes_on_to(events)
    if past is None or not known:
        past = tracker.__dict__[_PAST] = _Past(self, omit_unset_slots, tracker.init_copy(), [], [])
    past.go_on_to(events)
    return [{part: {**values} for part, values in state.items()} for state in (*past.states, past.now())]


def current_state(self: DialogueStateTracker, event_verbosity: EventVerbosity = EventVerbosity.NONE) -> dict[str, Any]:
    """The tracker as an action is given it; the message that began a form is not copied."""
    events, loop = self._events_for_verbosity(event_verbosity), self.active_loop
    return {
        "sender_id": self.sender_id,
        "slots": self.current_slot_values(),
        "latest_message": self._latest_message_data(),
        "latest_event_time": self.events[-1].timestamp if self.events else None,
        trackers.FOLLOWUP_ACTION: self.followup_action,
        "paused": self.is_paused(),
        "events": None if events is None else [event.as_dict() for event in events],
        "latest_input_channel": self.get_latest_input_channel(),
        trackers.ACTIVE_LOOP: {**vars(loop)} if loop else {},
        "latest_action": self.latest_action,
        "latest_action_name": self.latest_action_name,
    }


def _get_slots_sub_state(tracker: DialogueStateTracker, omit_unset_slots: bool = False) -> dict[str, Any]:
    """The slots that influence a conversation, as features."""
    slots: dict[str, Any] = {}
    for name, slot in tracker.slots.items():
        if slot is None or not slot.influence_conversation:
            continue
        features = slot.as_feature()
        if not features or (omit_unset_slots and not slot.has_been_set):
            continue
        if slot.value == SHOULD_NOT_BE_SET:
            slots[name] = SHOULD_NOT_BE_SET
        elif any(features):
            slots[name] = tuple(features)
    return slots
