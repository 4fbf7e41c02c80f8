/** What the chat looks like: launcher, panel, consent card, messages (ChatUI), menu. */

import { Chat } from "@chatui/core/es/components/Chat";
import type { MessageProps } from "@chatui/core/es/components/Message";
import { QuickReplies } from "@chatui/core/es/components/QuickReplies";
import {
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
  type KeyboardEvent,
} from "react";
import { SPEECH } from "../shared/dom";
import { renderFeedback } from "../shared/feedback";
import { translator, type Language, type Translate } from "../shared/i18n";
import { printAlone } from "../shared/print";
import { renderReply, type Suggestion } from "../shared/reply";
import assistantAvatar from "./avatar.svg";
import type { Conversation, Entry } from "./conversation";
import en from "./locales/en.json";
import { Menu } from "./menu";
import personAvatar from "./person.svg";
import zh from "./locales/zh.json";

export type Theme = "wechat" | "light" | "dark" | "elder";

export interface WidgetProps {
  conversation: Conversation;
  server: string;
  language: Language;
  theme: Theme;
  position: "left" | "right";
  open: boolean;
  onOpen: (open: boolean) => void;
  onTheme: (theme: Theme) => void;
  onLanguage: (language: Language) => void;
}

const LIMIT = 500; // characters, as on the server
const GAP = 5 * 60_000; // ms between two messages after which the time is shown
const PERSONAL = /\d{15}|1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\d{4}[ -]\d{4}[ -]\d{4}/; // a courtesy; the server removes them
const JUDGED = new Set(["answer", "checklist", "refusal"]); // what "did this help?" is asked of

export function Widget(props: WidgetProps) {
  const { conversation, language, theme, position, open, onOpen } = props;
  const say = useMemo(() => translator({ en, zh }, language), [language]);
  const launcher = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);

  const close = useCallback(() => {
    onOpen(false);
    launcher.current?.focus();
  }, [onOpen]);

  const wasOpen = useRef(false);
  useEffect(() => {
    if (open && !wasOpen.current) panel.current?.focus();
    wasOpen.current = open;
  }, [open]);

  return (
    <div className="yb-root yb-chat" data-theme={theme} data-position={position} data-open={open} lang={language}>
      <button
        ref={launcher}
        type="button"
        className="yb-launcher"
        aria-expanded={open}
        aria-controls="panel"
        onClick={() => (open ? close() : onOpen(true))}
      >
        {open ? <span aria-hidden="true">✕</span> : <Speech />}
        <span className={open ? "yb-hidden" : undefined}>{say(open ? "launcher_close" : "launcher_open")}</span>
      </button>
      <div
        ref={panel}
        id="panel"
        className="yb-panel"
        role="dialog"
        aria-label={say("title")}
        tabIndex={-1}
        hidden={!open}
        onKeyDown={(event) => event.key === "Escape" && close()}
      >
        {open && <Panel {...props} say={say} onClose={close} conversation={conversation} />}
      </div>
    </div>
  );
}

function Speech() {
  return (
    <svg viewBox="0 0 24 24" className="yb-picture" aria-hidden="true">
      <path d={SPEECH} />
    </svg>
  );
}

function Panel(props: WidgetProps & { say: Translate; onClose: () => void }) {
  const { conversation, say, language, theme, server } = props;
  const state = useSyncExternalStore(conversation.subscribe, conversation.snapshot);
  return (
    <>
      <header className="yb-header">
        <h2>{say("title")}</h2>
        <span role="status" className="yb-typing">
          {state.typing ? say("typing") : ""}
        </span>
        <Menu {...props} talking={state.phase === "open"} />
        <button type="button" className="yb-icon" aria-label={say("close")} onClick={props.onClose}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      <p className="yb-disclaimer">{say("notice")}</p>
      <p role="status" className="yb-banner">
        {state.phase === "open" && !state.connected ? say("offline") : ""}
      </p>
      <p role="alert" className="yb-banner yb-alert">
        {state.notice ? say(`notice_${state.notice}`) : ""}
      </p>
      {state.phase === "open" ? (
        <Messages {...{ conversation, say, language, theme, server }} entries={state.entries} typing={state.typing} />
      ) : (
        <Consent {...{ conversation, say, language, server }} starting={state.phase === "starting"} />
      )}
      {/* Filled once for every finished answer; the list itself is silent, or typing and re-drawing would be read. */}
      <div role="log" aria-live="polite" aria-label={say("messages")} className="yb-hidden">
        {state.announcement && <p key={lastId(state.entries)}>{say("assistant_says") + state.announcement}</p>}
      </div>
    </>
  );
}

function lastId(entries: Entry[]): string | undefined {
  return entries.filter((entry) => entry.from === "assistant").at(-1)?.id;
}

interface ConsentProps {
  conversation: Conversation;
  say: Translate;
  language: Language;
  server: string;
  starting: boolean;
}

function Consent({ conversation, say, language, server, starting }: ConsentProps) {
  return (
    <div className="yb-consent">
      <section className="yb-card" aria-labelledby="consent">
        <h3 id="consent">{say("consent_title")}</h3>
        <p>{say("consent_text")}</p>
        <p>{say("consent_ask")}</p>
        <button
          type="button"
          className="yb-button yb-primary"
          disabled={starting}
          onClick={() => void conversation.agree()}
        >
          {say(starting ? "starting" : "agree")}
        </button>
        <a
          className="yb-link"
          href={`${server}/faq?language=${language}`}
          target="_blank"
          rel="noopener noreferrer"
        >
          {say("decline")}
        </a>
      </section>
    </div>
  );
}

interface MessagesProps {
  conversation: Conversation;
  say: Translate;
  language: Language;
  theme: Theme;
  server: string;
  entries: Entry[];
  typing: boolean;
}

function Messages({ conversation, say, language, theme, server, entries, typing }: MessagesProps) {
  const area = useRef<HTMLDivElement>(null);
  const [personal, setPersonal] = useState(false);
  const starters = useMemo(
    () => ["start_1", "start_2", "start_3"].map((key) => ({ title: say(key), payload: say(key) })),
    [say],
  );
  const latest = entries.filter((entry) => entry.from === "assistant").at(-1)?.reply;
  const suggestions: Suggestion[] = entries.length === 0 ? starters : (latest?.suggestions ?? []);
  // The question stands at the end of a reply that may be long; its buttons need it beside them.
  const asked = latest?.asks && suggestions.length > 0 ? latest.text.split("\n").at(-1) : undefined;
  const question = asked?.match(/^[^?？]*[?？]/)?.[0] ?? asked; // the reasons for it stay above
  const replies = useMemo(
    () => suggestions.map(({ title, payload }) => ({ name: title, code: payload })),
    // The same reply gives the same row, or the row would scroll back at every key.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [JSON.stringify(suggestions)],
  );

  useLayoutEffect(() => {
    // What ChatUI's list and input lack for the keyboard and for screen readers.
    const list = area.current?.querySelector(".PullToRefresh");
    list?.setAttribute("tabindex", "0");
    list?.setAttribute("role", "region");
    list?.setAttribute("aria-label", say("messages"));
    const row = area.current?.querySelector(".QuickReplies");
    row?.setAttribute("role", "group");
    row?.setAttribute("aria-label", say("suggestions"));
  });

  useEffect(() => area.current?.querySelector("textarea")?.focus(), []);

  // While an input method composes, Enter picks a word; it must not reach ChatUI, which would send.
  const onKeyDownCapture = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.nativeEvent.isComposing || event.keyCode === 229)) event.stopPropagation();
    if (event.key === "F6") {
      event.preventDefault();
      const input = area.current?.querySelector("textarea");
      const inside = input === (area.current?.getRootNode() as ShadowRoot).activeElement;
      (inside ? area.current?.querySelector<HTMLElement>(".PullToRefresh") : input)?.focus();
    }
  };

  const messages = useMemo<MessageProps[]>(() => {
    const shown = entries.map((entry, index) => ({
      _id: entry.id,
      type: "text",
      content: entry,
      createdAt: entry.time,
      hasTime: index === 0 || entry.time - (entries[index - 1]?.time ?? 0) > GAP,
      position: entry.from === "person" ? ("right" as const) : ("left" as const),
      user: { avatar: entry.from === "person" ? personAvatar : assistantAvatar, avatarAlt: "" },
    }));
    const greeting = {
      _id: "greeting",
      type: "text",
      content: null,
      position: "left" as const,
      user: { avatar: assistantAvatar, avatarAlt: "" },
    };
    return [greeting, ...shown];
  }, [entries]);

  const renderMessageContent = useCallback(
    ({ type, content }: MessageProps) => {
      if (type === "typing") return <div className="Bubble typing" aria-hidden="true"><Dots /></div>;
      const entry = content as Entry | null;
      if (!entry) return <div className="Bubble text">{say("greeting")}</div>;
      return <Bubble {...{ entry, conversation, say, language, server }} />;
    },
    [conversation, say, language, server],
  );

  return (
    <div className="yb-talk" ref={area} onKeyDownCapture={onKeyDownCapture}>
      <Chat
        locale={language === "zh" ? "zh-CN" : "en-US"}
        elderMode={theme === "elder"}
        colorScheme={theme === "dark" ? "dark" : "light"}
        messages={messages}
        isTyping={typing}
        renderMessageContent={renderMessageContent}
        renderQuickReplies={() => (
          <>
            {question && <p className="yb-question">{question}</p>}
            <QuickReplies
              items={replies}
              onClick={({ name, code }) => conversation.choose({ title: name, payload: String(code ?? name) })}
            />
          </>
        )}
        placeholder={say("placeholder")}
        inputOptions={{ maxLength: LIMIT, showCount: false, "aria-label": say("input") }}
        onInputChange={(text) => setPersonal(PERSONAL.test(text.normalize("NFKC")))}
        onSend={(_type, text) => {
          setPersonal(false);
          if (text.trim()) conversation.send(text.trim());
        }}
      />
      <p role="status" className="yb-banner yb-personal">
        {personal ? say("personal") : ""}
      </p>
    </div>
  );
}

function Dots() {
  return (
    <span className="Typing">
      {[0, 1, 2].map((number) => (
        <span key={number} className="Typing-dot" data-i={number} />
      ))}
    </span>
  );
}

interface BubbleProps {
  entry: Entry;
  conversation: Conversation;
  say: Translate;
  language: Language;
  server: string;
}

const Bubble = memo(function Bubble({ entry, conversation, say, language, server }: BubbleProps) {
  if (entry.from === "assistant" && entry.reply) return <Answer {...{ entry, conversation, say, language, server }} />;
  return (
    <div className="yb-said">
      <div className="Bubble text">
        <span className="yb-hidden">{say(entry.from === "person" ? "i_say" : "assistant_says")}</span>
        {entry.text}
      </div>
      {entry.state === "waiting" && <span className="yb-state">{say("waiting")}</span>}
      {entry.state === "failed" && (
        <span className="yb-state">
          {say("failed")}
          <button type="button" className="yb-button" onClick={() => conversation.retry(entry.id)}>
            {say("retry")}
          </button>
        </span>
      )}
    </div>
  );
});

function Answer({ entry, conversation, say, language, server }: BubbleProps) {
  const body = useRef<HTMLDivElement>(null);
  const { id, reply } = entry;
  useLayoutEffect(() => {
    if (!reply) return;
    const parts: HTMLElement[] = [
      renderReply(reply, {
        language,
        server,
        ticks: conversation.ticks(id),
        onPrint: (checklist) => printAlone(checklist, say("checklist")),
      }),
    ];
    if (JUDGED.has(reply.type)) {
      parts.push(renderFeedback(language, (verdict, reason) => conversation.feedback(id, verdict, reason)));
    }
    body.current?.replaceChildren(...parts);
  }, [conversation, id, reply, language, server, say]);
  return (
    <div className="Bubble yb-answer">
      <span className="yb-hidden">{say("assistant_says")}</span>
      <div ref={body} />
    </div>
  );
}
