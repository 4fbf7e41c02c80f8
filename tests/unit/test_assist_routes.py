"""Agent assist over HTTP: who may do what, turns that count once, what is shown and what is kept."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.assist.accounts import FREE_ATTEMPTS, Accounts
from bot.channels.server import application
from bot.channels.settings import Settings
from bot.channels.store import Feedback, Store
from knowledge.library import Library
from tests.assist import PASSWORD, Call, Person, ScriptedAssistant, accounts
from tests.gateway import Visitor, serve_app, settings, stored

WHEN = "When do I have to pay?"
PAPERS = "Which papers does my mother need?"


@pytest.fixture
def assistant(library: Library) -> ScriptedAssistant:
    return ScriptedAssistant(library)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "assist.html").write_text("<!doctype html><title>yibao</title>")
    return settings(tmp_path)


@pytest.fixture
def staff(chosen: Settings) -> Accounts:
    return accounts(chosen, li="agent", zhao="agent", wang="supervisor")


@pytest.fixture
def port(
    assistant: ScriptedAssistant, chosen: Settings, staff: Accounts, request: pytest.FixtureRequest
) -> Iterator[int]:
    name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
    with serve_app(application(assistant, chosen, name=f"assist-{name}"[:60])) as port:
        yield port


@pytest.fixture
def li(port: int) -> Person:
    return Person(port, "li")


@pytest.fixture
def call(li: Person) -> Call:
    return li.open_call()


def telephone(port: int, staff: Accounts) -> Person:
    person = Person(port)
    person.visitor.headers["Authorization"] = f"Bearer {staff.add_key('switchboard')}"
    return person


# ---- roles ----

# Every route with what an honest request to it answers: nobody, an agent, a supervisor, a telephone system.
_TURN = {"turn": "x", "role": "customer", "text": WHEN, "final": True}
MATRIX = [
    ("GET", "", None, (200, 200, 200, 200)),
    ("GET", "supervisor", None, (200, 200, 200, 200)),
    ("GET", "login", None, (200, 200, 200, 200)),
    ("POST", "login", {"name": "li", "password": PASSWORD}, (200, 200, 200, 200)),
    ("GET", "session", None, (200, 200, 200, 200)),
    ("GET", "calls", None, (401, 200, 200, 403)),
    ("POST", "calls", {}, (401, 200, 200, 200)),
    ("GET", "calls/{call}", None, (401, 200, 200, 403)),
    ("POST", "calls/{call}/take", {}, (401, 200, 200, 403)),
    ("POST", "calls/{call}/turns", _TURN, (401, 200, 200, 200)),
    ("GET", "calls/{call}/events", None, (401, 200, 200, 403)),
    ("POST", "calls/{call}/facts", {"fact": "age", "value": 63}, (401, 200, 200, 403)),
    ("GET", "calls/{call}/wrap-up", None, (401, 200, 200, 403)),
    ("POST", "calls/{call}/wrap-up", {"text": "done"}, (401, 200, 200, 403)),
    ("POST", "cards/{card}/feedback", {"kind": "useful", "value": True}, (401, 200, 200, 403)),
    ("GET", "search?q=pay", None, (401, 200, 200, 403)),
    ("GET", "report", None, (401, 403, 200, 403)),
    ("POST", "logout", {}, (401, 200, 200, 403)),
]


def test_every_route_for_every_role(port: int, staff: Accounts) -> None:
    people = {"nobody": Person(port), "agent": Person(port, "li"), "supervisor": Person(port, "wang")}
    people["telephone"] = telephone(port, staff)
    wrong = []
    for method, path, body, expected in MATRIX:
        for (role, person), status in zip(people.items(), expected, strict=True):
            opener = person if role != "nobody" else people["agent"]
            call = Call(opener, opener.post("calls", {}).json["call"]) if role != "nobody" else None
            card = call.turn("customer", WHEN, id="first").json["cards"][0]["id"] if call else "none"
            if call and path.endswith("events"):  # a stream ends when the call has
                ender = people["supervisor"]
                ender.post(f"calls/{call.name}/wrap-up", {"text": ""})
            where = path.format(call=call.name if call else "none", card=card)
            answer = person.visitor.call(method, f"/assist/{where}", body)
            if answer.status != status:
                wrong.append(f"{method} {path} as {role}: {answer.status} {answer.text[:80]}, not {status}")
            if path == "logout" and answer.status == 200:
                person.log_in("li" if role == "agent" else "wang")
    assert wrong == []


def test_no_route_is_missing_from_the_matrix(assistant: ScriptedAssistant, chosen: Settings) -> None:
    app = application(assistant, chosen, name="assist-matrix")
    number = sum(
        len(route.methods - {"HEAD", "OPTIONS"}) for route in app.router.routes if route.path.startswith("assist")
    )
    assert number == len(MATRIX)


# ---- logging in ----


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(port: int) -> None:
    cookie = Person(port).log_in("li").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie, "a browser would drop it on http://localhost"


def test_behind_https_the_cookie_is_bound_to_the_host(
    assistant: ScriptedAssistant, chosen: Settings, staff: Accounts
) -> None:
    from dataclasses import replace

    app = application(assistant, replace(chosen, public_address="https://help.example"), name="assist-https")
    with serve_app(app) as port:
        answer = Visitor(port, {"Host": "help.example"}).post("/assist/login", {"name": "li", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}


def test_no_password_travels_in_the_open(port: int) -> None:
    answer = Visitor(port, {"Host": "10.1.2.3:5005"}).post("/assist/login", {"name": "li", "password": PASSWORD})
    assert (answer.status, answer.json["code"]) == (403, "assist_https")
    assert "set-cookie" not in answer.headers


def test_wrong_name_and_wrong_password_sound_the_same(port: int) -> None:
    person = Person(port)
    wrong_name, wrong_password = person.log_in("nobody"), person.log_in("li", "not the password")
    assert wrong_name.status == wrong_password.status == 401
    assert wrong_name.json == wrong_password.json


def test_after_many_failures_one_is_told_how_long_to_wait(port: int) -> None:
    person = Person(port)
    for _ in range(FREE_ATTEMPTS):
        person.log_in("li", "not the password")
    locked = person.log_in("li")
    assert locked.status == 429
    assert 0 < int(locked.headers["retry-after"]) <= 30
    assert locked.headers["retry-after"] in locked.json["error"]


def test_without_the_sessions_token_nothing_is_changed(li: Person) -> None:
    refused = li.post("calls", {}, X_CSRF_Token="another")
    assert (refused.status, refused.json["code"]) == (403, "assist_csrf")
    assert li.get("calls").json["calls"] == []


def test_another_sites_form_changes_nothing(li: Person) -> None:
    assert li.post("calls", b"language=en", Content_Type="text/plain").status == 415
    assert li.post("calls", {}, Origin="https://evil.example").status == 403


def test_after_logging_out_the_cookie_opens_nothing(li: Person) -> None:
    assert li.post("logout", {}).status == 200
    assert li.get("calls").status == 401
    assert li.get("session").json == {"session": None}


# ---- whose call ----


def test_one_agent_never_sees_anothers_call(port: int, call: Call) -> None:
    call.customer(PAPERS)
    zhao = Person(port, "zhao")
    assert zhao.get("calls").json["calls"] == []
    assert zhao.get(f"calls/{call.name}").status == 404
    assert Call(zhao, call.name).turn("customer", "secret").status == 404
    assert zhao.get(f"calls/{call.name}/events").status == 404
    card = call.customer(WHEN)["cards"][0]["id"]
    assert zhao.post(f"cards/{card}/feedback", {"kind": "useful", "value": False}).status == 404


def test_a_call_of_the_telephone_system_waits_until_one_agent_takes_it(port: int, staff: Accounts, li: Person) -> None:
    system = telephone(port, staff)
    waiting = system.open_call()
    waiting.customer(WHEN)
    zhao = Person(port, "zhao")
    assert [one["agent"] for one in li.get("calls").json["calls"]] == [None]
    assert li.post(f"calls/{waiting.name}/take", {}).status == 200
    assert zhao.post(f"calls/{waiting.name}/take", {}).status == 404
    assert waiting.turn("customer", WHEN).status == 200, "the telephone system goes on"
    assert [turn["text"] for turn in Call(li, waiting.name).whole()["turns"]] == [WHEN, WHEN]


def test_a_telephone_system_reaches_only_its_own_calls(port: int, staff: Accounts, call: Call) -> None:
    system = telephone(port, staff)
    assert Call(system, call.name).turn("customer", WHEN).status == 404


# ---- turns and cards ----


def test_a_question_gets_a_card_with_what_to_say_and_its_source(call: Call) -> None:
    heard = call.customer(WHEN)
    [card] = heard["cards"]
    assert card["title"] == "When to pay"
    assert card["say"]
    assert "(" not in card["say"]
    assert card["reply"]["citations"][0]["quote"]
    assert card["confidence"] in ("high", "medium", "low")
    assert card["why"]
    assert heard["none"] is None


def test_several_topics_give_at_most_three_cards_best_first_sharing_the_probability(call: Call) -> None:
    cards = call.customer("Can I pay online or at the counter")["cards"]
    assert [card["reply"]["topic"] for card in cards] == ["pay_online", "pay_at_counter", "how_to_pay"]
    scores = [card["reply"]["confidence"]["score"] for card in cards]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) <= 1


def test_what_is_not_known_gets_no_card_and_says_so(call: Call) -> None:
    heard = call.customer("what's the weather tomorrow")
    assert heard["cards"] == []
    assert heard["none"]["text"].startswith("No suggestion")


def test_what_the_agent_says_gets_no_card(call: Call) -> None:
    assert call.agent(WHEN)["cards"] == []


def test_a_turn_sent_again_counts_once_and_gets_the_same_answer(assistant: ScriptedAssistant, call: Call) -> None:
    first = call.turn("customer", WHEN, id="same").json
    again = call.turn("customer", WHEN, id="same").json
    other_words = call.turn("customer", "what's the weather", id="same").json
    assert first["cards"] == again["cards"] == other_words["cards"]
    assert assistant.read_texts == [WHEN]
    assert len(call.whole()["turns"]) == 1


def test_a_turn_sent_by_ten_at_once_counts_once(call: Call) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: call.turn("customer", WHEN, id="same"), range(10)))
    assert {answer.status for answer in answers} == {200}
    assert len({json.dumps(answer.json["cards"]) for answer in answers}) == 1
    assert len(call.whole()["cards"]) == 1


def test_turns_that_come_at_once_all_leave_their_facts(call: Call) -> None:
    call.customer(PAPERS)
    words = ["she is 63", "urban hukou", "low income", "dibao"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: call.turn("customer", words[number], id=f"at-once-{number}"), range(4)))
    facts = {fact["id"]: fact["value"] for fact in call.whole()["checklist"]["facts"]}
    assert facts["age"] == 63
    assert facts["household"] == "urban"
    assert facts["low_income"] is True
    assert facts["minimum_living_guarantee"] is True


def test_interim_words_are_shown_and_never_searched(assistant: ScriptedAssistant, call: Call) -> None:
    interim = call.turn("customer", "When do I", id="same", final=False).json
    assert interim["cards"] == []
    assert assistant.read_texts == []
    assert [(turn["text"], turn["final"]) for turn in call.whole()["turns"]] == [("When do I", False)]
    final = call.turn("customer", WHEN, id="same").json
    late = call.turn("customer", "When do", id="same", final=False)
    assert final["cards"]
    assert late.status == 200
    assert [(turn["text"], turn["final"]) for turn in call.whole()["turns"]] == [(WHEN, True)]


@pytest.mark.parametrize(
    "change",
    [
        {"turn": ""},
        {"turn": "a b"},
        {"turn": "x" * 65},
        {"role": "robot"},
        {"role": None},
        {"text": ""},
        {"text": " \u200b "},
        {"text": "x" * 2001},
        {"text": 7},
        {"final": "yes"},
        {"time": "yesterday"},
    ],
)
def test_what_is_no_turn_is_refused_in_one_line(call: Call, change: dict[str, object]) -> None:
    answer = call.person.post(f"calls/{call.name}/turns", {**_TURN, **change})
    assert answer.status == 400
    assert "\n" not in answer.json["error"]
    assert call.whole()["turns"] == []


# ---- the checklist ----


def test_the_checklist_ticks_itself_from_the_callers_words(call: Call) -> None:
    heard = call.customer(PAPERS)
    assert heard["checklist"]["person"] == "your mother"
    assert "your mother" in heard["ask"]["text"]
    heard = call.customer("She is 63")
    assert call.fact("age", heard) == 63
    assert next(fact for fact in heard["checklist"]["facts"] if fact["id"] == "age")["by"] == "customer"


@pytest.mark.parametrize(("answer", "household"), [("Yes", "urban"), ("No", "agricultural")])
def test_the_agents_question_and_the_callers_yes_or_no_tick_a_fact(call: Call, answer: str, household: str) -> None:
    call.customer(PAPERS)
    assert call.fact("household", call.agent("Does she have an urban hukou?")) is None
    assert call.fact("household", call.customer(answer)) == household


def test_a_yes_to_a_choice_ticks_nothing(call: Call) -> None:
    call.customer(PAPERS)
    call.agent("Is that an urban or a village hukou?")
    assert call.fact("household", call.customer("Yes")) is None


def test_what_the_agent_says_of_the_caller_ticks_a_fact(call: Call) -> None:
    call.customer(PAPERS)
    heard = call.agent("I see, she is 63.")
    assert call.fact("age", heard) == 63
    assert next(fact for fact in heard["checklist"]["facts"] if fact["id"] == "age")["by"] == "agent"


@pytest.mark.parametrize(
    "text", ["If she is 63 she needs one more paper.", "Whoever is 63 is retired.", "Age 63 counts."]
)
def test_what_the_agent_says_in_general_ticks_nothing(call: Call, text: str) -> None:
    call.customer(PAPERS)
    assert call.fact("age", call.agent(text)) is None


def test_the_agents_hand_overrules_words_until_it_is_taken_back(call: Call) -> None:
    call.customer(PAPERS)
    call.customer("She is 63")
    set_by_hand = call.person.post(f"calls/{call.name}/facts", {"fact": "age", "value": 58}).json
    assert call.fact("age", set_by_hand) == 58
    assert call.fact("age", call.customer("63, I said")) == 58
    cleared = call.person.post(f"calls/{call.name}/facts", {"fact": "age", "value": None}).json
    assert call.fact("age", cleared) is None
    assert call.fact("age", call.customer("she is 63")) == 63


@pytest.mark.parametrize(
    "body", [{"fact": "shoe_size", "value": 42}, {"fact": "age", "value": 300}, {"fact": "age", "value": "old"}]
)
def test_a_fact_that_cannot_be_is_refused(call: Call, body: dict[str, object]) -> None:
    assert call.person.post(f"calls/{call.name}/facts", body).json["code"] == "assist_no_fact"


def test_a_fact_that_changes_the_papers_brings_the_card_up_to_date(call: Call) -> None:
    [first] = call.customer(PAPERS)["cards"]
    [second] = call.customer("She receives dibao")["cards"]
    assert second["replaces"] == first["id"]
    assert second["reply"]["checklist"]["items"] != first["reply"]["checklist"]["items"]
    assert call.customer("urban")["none"]["why"] == "noted"


def test_for_whom_the_list_is_not_no_paper_is_named_but_what_goes_instead(call: Call) -> None:
    assert call.customer(PAPERS)["checklist"]["instead"] == []
    answered = call.customer("She is employed at a company")
    [instead] = answered["checklist"]["instead"]
    assert instead.startswith("A person who works for an employer does not need this list.")
    assert answered["checklist"]["items"] == []
    [card] = answered["cards"]
    call.person.post(f"cards/{card['id']}/feedback", {"kind": "inserted", "value": True})
    draft = call.person.get(f"calls/{call.name}/wrap-up").json["text"]
    assert "photos" not in draft and "employ" in draft


def test_the_next_question_is_another_once_the_agent_has_asked(call: Call) -> None:
    first = call.customer(PAPERS)["ask"]
    assert call.agent(first["text"])["ask"]["fact"] != first["fact"]


# ---- privacy ----

CANARIES = ["11010519491231002X", "13812345678", "6222021234567890123", "li.na@example.com"]


def test_personal_numbers_are_nowhere(call: Call, tmp_path: Path) -> None:
    for number, canary in enumerate(CANARIES):
        call.turn("customer", f"my number is {canary} and", id=f"i{number}", final=False)
        call.turn("customer", f"my number is {canary} and when do I have to pay", id=f"i{number}")
        call.agent(f"So it is {canary}.")
    call.person.post(f"calls/{call.name}/wrap-up", {"text": "\n".join(CANARIES)})
    shown = json.dumps(call.whole())
    kept = stored(tmp_path).decode(errors="ignore")
    for canary in CANARIES:
        assert canary not in shown
        assert canary not in kept
    assert "removed]" in shown


# ---- the stream ----


def events(
    person: Person, call: Call, *, after: int | None = None, header: bool = False
) -> list[tuple[int, str, dict]]:
    connection = http.client.HTTPConnection("127.0.0.1", person.visitor.port, timeout=30)
    headers = dict(person.visitor.headers)
    if header:
        headers["Last-Event-ID"] = str(after)
    query = f"?after={after}" if after is not None and not header else ""
    connection.request("GET", f"/assist/calls/{call.name}/events{query}", headers=headers)
    answer = connection.getresponse()
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in answer.read().decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line and not line.startswith(":"))
        if "id" in fields:
            found.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    connection.close()
    return found


@pytest.mark.parametrize("header", [False, True])
def test_the_stream_tells_everything_once_and_goes_on_where_it_was_left(call: Call, header: bool) -> None:
    call.turn("customer", "When do", id="one", final=False)
    call.turn("customer", WHEN, id="one")
    call.agent("One moment.")
    call.person.post(f"calls/{call.name}/facts", {"fact": "age", "value": 63})
    call.person.post(f"calls/{call.name}/wrap-up", {"text": "done"})
    told = events(call.person, call)
    assert [kind for _, kind, _ in told] == ["turn", "turn", "turn", "panel", "ended"]
    assert told[1][2]["cards"][0]["title"] == "When to pay"
    assert events(call.person, call, after=told[1][0], header=header) == told[2:]


def test_whoever_reloads_goes_on_behind_what_is_shown(call: Call) -> None:
    call.customer(WHEN)
    last = call.whole()["last_event"]
    call.agent("One moment.")
    call.person.post(f"calls/{call.name}/wrap-up", {"text": ""})
    assert [kind for _, kind, _ in events(call.person, call, after=last)] == ["turn", "ended"]


# ---- wrap-up, marks, report ----


def test_the_wrap_up_is_drafted_from_the_call_and_the_agents_words_are_kept(call: Call) -> None:
    call.customer(PAPERS)
    call.customer("She is 63")
    [card] = call.customer(WHEN)["cards"]
    call.customer("what's the weather tomorrow")
    call.person.post(f"cards/{card['id']}/feedback", {"kind": "inserted", "value": True})
    draft = call.person.get(f"calls/{call.name}/wrap-up").json["text"]
    for expected in ("Papers for enrolment", "When to pay", "63 years old", card["say"], "what's the weather tomorrow"):
        assert expected in draft
    saved = call.person.post(f"calls/{call.name}/wrap-up", {"text": "My own words.\nSecond line."}).json
    assert saved["text"] == "My own words.\nSecond line."
    assert call.person.get(f"calls/{call.name}/wrap-up").json["text"] == "My own words.\nSecond line."


def test_a_call_that_has_ended_takes_no_more_turns(call: Call) -> None:
    call.customer(WHEN)
    call.person.post(f"calls/{call.name}/wrap-up", {"text": ""})
    assert call.turn("customer", WHEN).json["code"] == "assist_ended"
    assert call.turn("customer", WHEN, id="t1").status == 200, "the same turn again is answered as before"
    assert call.person.get("calls").json["calls"] == []


def test_a_mark_is_kept_changed_and_taken_back(call: Call) -> None:
    [card] = call.customer(WHEN)["cards"]

    def mark(value: bool | None) -> None:
        assert call.person.post(f"cards/{card['id']}/feedback", {"kind": "correct", "value": value}).status == 200

    mark(True)
    mark(False)
    assert call.whole()["marks"] == {card["id"]: {"correct": False}}
    mark(None)
    assert call.whole()["marks"] == {}


@pytest.mark.parametrize("body", [{"kind": "loved", "value": True}, {"kind": "useful", "value": 3}, {}])
def test_what_is_no_mark_is_refused(call: Call, body: dict[str, object]) -> None:
    [card] = call.customer(WHEN)["cards"]
    assert call.person.post(f"cards/{card['id']}/feedback", body).status == 400


def test_the_supervisor_sees_what_the_cards_were_good_for(port: int, call: Call) -> None:
    [used] = call.customer(WHEN)["cards"]
    [bad] = call.customer("and when do I have to pay for her")["cards"]
    call.customer("what's the weather tomorrow, my phone is 13812345678")
    call.customer("Thank you")
    call.person.post(f"cards/{used['id']}/feedback", {"kind": "inserted", "value": True})
    call.person.post(f"cards/{bad['id']}/feedback", {"kind": "useful", "value": False})
    report = Person(port, "wang").get("report").json
    assert (report["calls"], report["turns"], report["questions"], report["cards"]) == (1, 4, 3, 2)
    assert report["share_with_card"] == pytest.approx(2 / 3)
    assert report["inserted"] == 1
    assert report["votes"]["useful"] == {"up": 0, "down": 1}
    assert report["topics"] == [{"topic": "payment_time", "title": "When to pay", "shown": 2, "inserted": 1, "down": 1}]
    [open_question] = report["unanswered"]
    assert open_question["text"] == "what's the weather tomorrow, my phone is [phone number removed]"
    assert 0 < report["milliseconds"]["p50"] <= report["milliseconds"]["p95"]


def test_the_supervisor_sees_what_the_other_surfaces_could_not_answer(port: int, chosen: Settings) -> None:
    store = Store(chosen.database)
    for channel in ("chat", "chat", "help"):
        store.leave_unanswered("how do I fly", channel)
    for answer, verdict, reason in (("payment_time", "up", None), ("who_can_pay", "down", "wrong")):
        store.rate(Feedback(channel="help", answer=answer, verdict=verdict, reason=reason))
    store.rate(Feedback(channel="help", answer="who_can_pay", verdict="down", reason=None))
    surfaces = Person(port, "wang").get("report").json["surfaces"]
    asked = [(row["text"], row["channel"], row["times"]) for row in surfaces["unanswered"]]
    assert asked == [("how do I fly", "chat", 2), ("how do I fly", "help", 1)]
    worst, best = surfaces["votes"]
    assert (worst["title"], worst["up"], worst["down"], worst["reasons"]) == (
        "Who can pay on their own",
        0,
        2,
        {"wrong": 1},
    )
    assert (best["answer"], best["up"], best["down"], best["reasons"]) == ("payment_time", 1, 0, {})


def test_a_report_of_nothing_is_no_error(port: int) -> None:
    report = Person(port, "wang").get("report?days=1").json
    assert report["share_with_card"] is None
    assert report["milliseconds"] == {"p50": None, "p95": None}
    assert Person(port, "wang").get("report?days=0").status == 400


def test_search_finds_answers_and_articles_ready_to_be_said(li: Person) -> None:
    [first, *_] = li.get("search?q=article+58").json["results"]
    assert first["id"] == "sil:58"
    assert "Article 58" in first["say"]
    assert li.get("search?q=").json["results"] == []


def test_what_was_said_long_ago_is_deleted_and_the_counts_stay(
    port: int, chosen: Settings, call: Call, tmp_path: Path
) -> None:
    import time

    from bot.assist.calls import Calls
    from bot.assist.tables import open_database

    call.customer("when do I have to pay for my zebra")
    assert b"zebra" in stored(tmp_path)
    engine = open_database(chosen.database)
    Calls(engine).forget(before=time.time() + 1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"zebra" not in stored(tmp_path)
    assert Person(port, "wang").get("report").json["cards"] == 1
    assert call.person.get(f"calls/{call.name}").status == 200
