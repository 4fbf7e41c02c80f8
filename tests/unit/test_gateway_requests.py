"""Whoever asks wrongly gets one line and no more, and everybody else is answered meanwhile."""

from __future__ import annotations

import ipaddress
import json
import logging
import socket
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from limits import parse_many

from bot.channels import server
from bot.channels.headers import CONTENT_SECURITY_POLICY
from bot.channels.settings import Rates, SettingError, Settings
from knowledge.library import Library
from tests.gateway import (
    GENEROUS,
    UNREADABLE,
    Answer,
    PromptAssistant,
    Visitor,
    serving,
    settings,
    token_signed,
    withstand,
)

CANARY = "13812345678"
ALLOWED = "https://city.example"


@pytest.fixture(scope="module")
def assistant(library: Library) -> PromptAssistant:
    return PromptAssistant(library)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("gateway")
    (found / "web" / "widgets").mkdir(parents=True)
    (found / "web" / "assets").mkdir()
    (found / "web" / "index.html").write_text("<!doctype html><title>demo</title>")
    (found / "web" / "widgets" / "yibao-chat.js").write_text("export {}")
    (found / "web" / "assets" / "site-a1b2c3d4.css").write_text("body {}")
    return found


@pytest.fixture(scope="module")
def visitor(assistant: PromptAssistant, folder: Path) -> Iterator[Visitor]:
    with serving(assistant, settings(folder, origins=frozenset({ALLOWED}))) as found:
        yield found


def is_one_line(answer: Answer) -> bool:
    error = answer.json["error"]
    return "\n" not in error and "Traceback" not in error and bool(answer.json["code"])


# ---- where from, and of which type ----


def test_a_foreign_site_is_refused_and_one_on_the_list_is_not(visitor: Visitor) -> None:
    for origin in ("https://evil.example", "null", "https://city.example.evil.example", "https://[", ""):
        refused = visitor.get("/help/suggest?q=pay", Origin=origin)
        assert (refused.status, refused.json["code"]) == (403, "origin"), origin
        assert "access-control-allow-origin" not in refused.headers
    for origin in (ALLOWED, f"http://127.0.0.1:{visitor.port}"):
        assert visitor.get("/help/suggest?q=pay", Origin=origin).status == 200, origin


def test_a_site_on_the_list_may_ask_before_it_sends(visitor: Visitor) -> None:
    asked = visitor.call("OPTIONS", "/chat/messages", Origin=ALLOWED, Access_Control_Request_Method="POST")
    assert asked.status == 204
    assert asked.headers["access-control-allow-origin"] == ALLOWED
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    assert visitor.call("OPTIONS", "/chat/messages", Origin="https://evil.example").status == 403


def test_a_site_on_the_list_can_read_why_it_is_refused(visitor: Visitor) -> None:
    refused = visitor.post("/chat/session", {"consent": False}, Origin=ALLOWED)
    assert refused.status == 400
    assert refused.headers["access-control-allow-origin"] == ALLOWED
    assert "Origin" in refused.headers["vary"]


def test_another_site_may_embed_the_widgets_but_not_what_agents_use(visitor: Visitor) -> None:
    assert (
        visitor.get("/widgets/yibao-chat.js", Origin=ALLOWED).headers["cross-origin-resource-policy"] == "cross-origin"
    )
    assert visitor.get("/assist/login", Origin=ALLOWED).status == 403
    assert visitor.get("/faq").headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(visitor: Visitor, kind: str) -> None:
    for path in ("/messages", "/chat/session", "/help/feedback"):
        refused = visitor.post(path, b'{"text": "hello"}', Content_Type=kind)
        assert (refused.status, refused.json["code"]) == (415, "content_type")


@pytest.mark.parametrize(
    "body",
    [b"", b"{broken", b"[]", b"7", b"null", b'"text"', b'{"text": 7}', b'{"text": null}', b"[" * 9000, b"\xff\xfe{}"],
)
def test_what_is_no_question_is_refused_in_one_line(visitor: Visitor, body: bytes) -> None:
    refused = visitor.post("/messages", body)
    assert refused.status == 400
    assert is_one_line(refused)


def test_half_characters_and_null_bytes_do_no_harm(visitor: Visitor) -> None:
    answer = visitor.post("/messages", b'{"text": "pay \\ud800 now \\u0000 please"}')
    assert answer.status == 200


@pytest.mark.parametrize("size", [16_385, 100_000, 5_000_000])
def test_what_is_too_long_is_refused_before_it_is_read(visitor: Visitor, size: int) -> None:
    head = f"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    assert b" 413 " in visitor.raw(head.encode() + b"{")


# ---- tokens ----


def test_forged_tokens_open_nothing(visitor: Visitor, folder: Path) -> None:
    key = (folder / "secret").read_bytes()
    assert (folder / "secret").stat().st_mode & 0o077 == 0
    unsigned = jwt.encode({"sub": "x", "exp": int(time.time()) + 60, "begun": 0, "aud": "chat"}, None, algorithm="none")
    forged = ["", "x", "a.b.c", unsigned, token_signed(b"0" * 32), token_signed(key, aud="assist")]
    for token in forged:
        answer = visitor.get("/chat/history", Authorization=f"Bearer {token}")
        assert (answer.status, answer.json["code"] in ("bad_token", "no_token")) == (401, True), token
    assert visitor.get("/chat/history", Authorization="Basic eDp5").status == 401


def test_expired_tokens_say_so(visitor: Visitor, folder: Path) -> None:
    token = token_signed((folder / "secret").read_bytes(), exp=int(time.time()) - 1)
    answer = visitor.get("/chat/history", Authorization=f"Bearer {token}")
    assert (answer.status, answer.json["code"]) == (401, "expired")


def test_a_conversation_cannot_be_kept_open_for_ever(
    assistant: PromptAssistant, visitor: Visitor, folder: Path
) -> None:
    token = Visitor(visitor.port).agree().token
    key = (folder / "secret").read_bytes()
    claims = jwt.decode(token, key, algorithms=["HS256"], audience="chat")
    old = token_signed(key, sub=claims["sub"], begun=int(time.time()) - 24 * 60 * 60 + 5)
    fresh = visitor.get("/chat/history", Authorization=f"Bearer {old}").json["token"]
    expires = jwt.decode(fresh, key, algorithms=["HS256"], audience="chat")["exp"]
    assert expires - time.time() <= 5


# ---- floods ----


def rates(**changed: str) -> Rates:
    usual = {name: getattr(GENEROUS, name) for name in Rates.__dataclass_fields__}
    return Rates(**{**usual, **{name: tuple(parse_many(rate)) for name, rate in changed.items()}})


@pytest.mark.parametrize(
    ("limited", "asked"),
    [
        (rates(sessions="3/minute"), "session"),
        (rates(messages="3/minute"), "message"),
        (rates(address="3/minute"), "message"),
        (rates(requests="3/minute"), "search"),
    ],
)
def test_floods_are_told_how_long_to_wait(
    assistant: PromptAssistant, tmp_path: Path, limited: Rates, asked: str
) -> None:
    with serving(assistant, settings(tmp_path, rates=limited)) as one:
        one.agree()
        ask = {
            "session": lambda: one.post("/chat/session", {"consent": True, "consent_version": "1"}),
            "message": lambda: one.say("hello"),
            "search": lambda: one.get("/help/suggest?q=pay"),
        }[asked]
        answers = [ask() for _ in range(5)]
        assert [answer.status for answer in answers][-2:] == [429, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert is_one_line(answers[-1])
        assert one.get("/healthz").status == 200


def test_each_address_is_counted_for_itself_and_only_our_proxy_names_addresses(
    assistant: PromptAssistant, tmp_path: Path
) -> None:
    few = rates(requests="2/minute")
    with serving(assistant, settings(tmp_path, rates=few)) as direct:
        spoofed = [direct.get("/help/suggest?q=pay", X_Forwarded_For=f"192.0.2.{n}").status for n in range(4)]
        assert spoofed == [200, 200, 429, 429]
    ours = (ipaddress.ip_network("127.0.0.0/8"),)
    with serving(assistant, settings(tmp_path, rates=few, proxies=ours)) as proxied:
        named = [proxied.get("/help/suggest?q=pay", X_Forwarded_For=f"192.0.2.{n}").status for n in range(4)]
        assert named == [200] * 4
        hops = [proxied.get("/faq", X_Forwarded_For=f"203.0.113.{n}, 192.0.2.99").status for n in range(4)]
        assert hops == [200, 200, 429, 429]
        same_network = [proxied.get("/faq", X_Forwarded_For=f"2001:db8::{n}").status for n in range(4)]
        assert same_network == [200, 200, 429, 429]


@pytest.mark.parametrize(
    "environment",
    [
        {"YIBAO_LIMIT_MESSAGES": "many"},
        {"YIBAO_PROXIES": "proxy"},
        {"YIBAO_KEEP_DAYS": "0"},
        {"YIBAO_KEEP_DAYS": "for ever"},
    ],
)
def test_a_setting_that_cannot_be_read_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingError, match=next(iter(environment))):
        Settings.read(environment)


def test_settings_are_read_from_the_environment() -> None:
    found = Settings.read({"YIBAO_ORIGINS": "https://A.example/, https://b.example", "YIBAO_LIMIT_MESSAGES": "5/hour"})
    assert found.origins == {"https://a.example", "https://b.example"}
    assert str(found.rates.messages[0]) == "5 per 1 hour"
    assert found.keep_days == 30


# ---- errors ----


def test_no_error_shows_more_than_one_line(assistant: PromptAssistant, visitor: Visitor) -> None:
    for method, path, status in (("GET", "/nowhere", 404), ("PUT", "/messages", 405), ("GET", "/chat/session", 405)):
        answer = visitor.call(method, path)
        assert answer.status == status
        assert is_one_line(answer)
        assert answer.headers["content-type"] == "application/json"


def test_a_person_is_shown_a_small_page_in_the_language_of_the_browser(visitor: Visitor) -> None:
    answer = visitor.get("/nowhere", Accept="text/html,*/*", Accept_Language="zh-CN,zh;q=0.9")
    assert answer.status == 404
    assert '<html lang="zh-CN">' in answer.text
    assert "此地址没有内容" in answer.text


def test_a_failure_is_logged_by_place_and_never_with_a_persons_words(
    assistant: PromptAssistant, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    one = Visitor(visitor.port).agree()
    assistant.broken = True
    try:
        failed = one.say("my cat is called Mimi")
    finally:
        assistant.broken = False
    assert failed.status == 500
    assert is_one_line(failed)
    assert "RuntimeError at gateway.py" in caplog.text
    assert "Mimi" not in caplog.text


# ---- headers and files ----


@pytest.mark.parametrize(
    "path",
    ["/", "/faq", "/faq/payment_time", "/law/sil/58", "/help/suggest?q=pay", "/healthz", "/readyz", "/nowhere",
     "/widgets/yibao-chat.js", "/pages.css", "/sitemap.xml", "/chat/history"],
)  # fmt: skip
def test_every_answer_is_protected(visitor: Visitor, path: str) -> None:
    headers = visitor.get(path).headers
    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert "server" not in headers


def test_https_is_demanded_only_where_it_is_served(
    assistant: PromptAssistant, visitor: Visitor, tmp_path: Path
) -> None:
    assert "strict-transport-security" not in visitor.get("/faq").headers
    with serving(assistant, settings(tmp_path, public_address="https://help.example")) as behind_proxy:
        assert "max-age=" in behind_proxy.get("/faq").headers["strict-transport-security"]
        assert '<link rel="canonical" href="https://help.example/faq">' in behind_proxy.get("/faq").text
        assert behind_proxy.get("/help/suggest?q=pay", Origin="https://help.example").status == 200


def test_built_files_have_their_types_and_are_kept_as_long_as_they_hold(visitor: Visitor) -> None:
    script = visitor.get("/widgets/yibao-chat.js")
    assert (script.status, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert script.headers["cache-control"] == "no-cache"
    assert visitor.get("/widgets/yibao-chat.js", If_None_Match=script.headers["etag"]).status == 304
    style = visitor.get("/assets/site-a1b2c3d4.css")
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]
    assert "<title>demo</title>" in visitor.get("/").text


@pytest.mark.parametrize(
    "name", ["../index.html", "%2e%2e/%2e%2e/secret", "..%2f..%2fsecret", "x%00.js", "none.js", ""]
)
def test_no_other_file_is_given_out(visitor: Visitor, name: str) -> None:
    answer = visitor.get(f"/widgets/{name}")
    assert answer.status == 404
    assert "demo" not in answer.text


def test_where_nothing_is_built_the_page_says_how_to_build_it(assistant: PromptAssistant, tmp_path: Path) -> None:
    with serving(assistant, settings(tmp_path)) as one:
        for path in ("/", "/widgets/yibao-chat.js"):
            answer = one.get(path)
            assert answer.status == 503
            assert "make web" in answer.json["error"]


def test_the_health_of_the_server_can_be_asked(assistant: PromptAssistant, tmp_path: Path) -> None:
    with serving(assistant, settings(tmp_path)) as one:
        assert one.get("/healthz").json == {"status": "ok"}
        assert one.get("/readyz").json["status"] == "ready"
        for path in tmp_path.glob("gateway.db*"):
            path.write_bytes(b"no database")
        broken = one.get("/readyz")
        assert (broken.status, broken.json["checks"]["store"]) == (503, False)
        assert one.get("/healthz").status == 200


# ---- what is no HTTP ----


@pytest.mark.parametrize("sent", UNREADABLE, ids=lambda sent: repr(sent[:40]))
def test_what_is_no_request_is_answered_in_one_line_too(visitor: Visitor, sent: bytes) -> None:
    received = visitor.raw(sent)
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.split()[1][:1] == b"4", received[:200]
    assert b"content-security-policy" in head.lower()
    assert "\n" not in json.loads(body)["error"]


def test_an_address_with_chinese_words_as_they_are_is_understood(visitor: Visitor) -> None:
    received = visitor.raw("GET /help/suggest?q=医保缴费 HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert json.loads(received.partition(b"\r\n\r\n")[2])["query"] == "医保缴费"


def test_a_request_that_comes_in_drops_is_ended(
    assistant: PromptAssistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_REQUEST_TIMEOUT", 0.3)
    monkeypatch.setattr(server, "_RESPONSE_TIMEOUT", 0.3)
    head = b"POST /messages HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    with serving(assistant, settings(tmp_path)) as one:
        for begun in (head, b"GET /faq HTTP/1.1\r\nX-Long: "):
            with socket.create_connection(("127.0.0.1", one.port), timeout=5) as slow:
                slow.sendall(begun)
                slow.settimeout(0.1)
                received = b""
                for _ in range(100):  # ten seconds of drops would be enough
                    try:
                        slow.sendall(b"a")
                        received += slow.recv(1000)
                        break
                    except TimeoutError:
                        continue
                    except OSError:
                        break
                assert b" 408 " in received[:20], received


# ---- all of it together ----


def test_a_thousand_hostile_requests_leave_the_server_answering_others(
    assistant: PromptAssistant, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    strict = rates(sessions="100/minute", messages="30/minute")
    with serving(assistant, settings(tmp_path, rates=strict)) as one:
        withstand(one, (tmp_path / "secret").read_bytes(), canary=CANARY)
    assert CANARY not in caplog.text
    assert "Traceback" not in caplog.text


def test_message_ids_must_be_uuids_so_that_nothing_personal_hides_in_them(visitor: Visitor) -> None:
    one = Visitor(visitor.port).agree()
    for wrong in (CANARY, "", "x" * 100, 7, None, {"a": 1}):
        answer = one.post("/chat/messages", {"id": wrong, "text": "hello"})
        assert (answer.status, answer.json["code"]) == (400, "field")
    assert one.say("hello", id=str(uuid.uuid4())).status == 200
