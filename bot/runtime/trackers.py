"""Trackers replayed without ado: a turn makes nine of them, and applies two hundred events.

Rasa asks of every event, for each of several abstract classes, whether it is one; here this is asked once a class.
Rasa copies every slot for every tracker; here trackers share slots, and a tracker that sets one takes a new one.
Events, states and errors are those of Rasa. ``install`` replaces methods of its tracker; each keeps the stock one as
its attribute ``stock``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from rasa.shared.core import trackers
from rasa.shared.core.constants import SHOULD_NOT_BE_SET
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

_BEGINS = (Restarted, SessionStarted)
_is: Callable[[Any, Any], bool] = lru_cache(maxsize=256)(issubclass)


def install() -> None:
    """Tune the trackers of this process; calling it again changes nothing."""
    if hasattr(DialogueStateTracker.update, "stock"):
        return
    methods: tuple[Any, ...] = (update, applied_events, generate_all_prior_trackers, init_copy, copy, current_state)
    for tuned in (*methods, _set_slot, _reset_slots):
        _replace(DialogueStateTracker, tuned)
    _replace(Domain, _get_slots_sub_state, staticmethod)
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
    """A tracker with the same events, all applied anew."""
    other = self.init_copy()
    events: deque[Event] = other.events
    for event in self.events:
        events.append(event)
        event.apply_to(other)
    return other


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
