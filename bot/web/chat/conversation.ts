/**
 * The conversation with the server: session, outbox, history. Knows nothing of how it is shown.
 *
 * A message is kept in the tab's storage until the server has answered it, and sent again under the same id, which
 * the server answers once. Only the token and what is still to be sent are stored, never what was said.
 */

import { TabStorage, uniqueId } from "../shared/host";
import type { Language } from "../shared/i18n";
import type { Reason, Verdict } from "../shared/feedback";
import type { Reply, Suggestion } from "../shared/reply";

/** A message as the server tells it. */
interface Message {
  seq: number;
  id: string;
  from: "person" | "assistant";
  time: string;
  text: string;
  reply: Reply | null;
}

/** A message as it is shown. */
export interface Entry {
  id: string;
  from: "person" | "assistant";
  time: number;
  text: string;
  reply: Reply | null;
  state: "waiting" | "sent" | "failed";
}

interface Outgoing {
  id: string;
  text: string;
  payload: string | null;
  time: number;
  failed: boolean;
}

/** What the person has to be told about; texts in chat/locales under `notice_…`. */
export type Notice = "expired" | "deleted" | "withdrawn" | "busy" | "rejected" | "no_session" | "not_done";

export interface State {
  phase: "consent" | "starting" | "open";
  entries: Entry[];
  typing: boolean;
  connected: boolean;
  notice: Notice | null;
  /** The text of the newest answer, to be announced once. */
  announcement: string;
}

/** The server said no; `status` is the HTTP status, `wait` seconds after which it may be asked again. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly wait: number,
  ) {
    super(String(status));
  }
}

const CONSENT_VERSION = "1";
const PATIENCE = 15_000; // ms for one request; a turn takes some hundredths of a second
const FIRST_PAUSE = 1_000; // ms until the first new attempt
const LONGEST_PAUSE = 4_000; // a server that is restarted is back in some seconds

const EMPTY: State = {
  phase: "consent",
  entries: [],
  typing: false,
  connected: true,
  notice: null,
  announcement: "",
};

export class Conversation {
  private state: State = EMPTY;
  private readonly storage = new TabStorage("yibao.chat.");
  private readonly listeners = new Set<() => void>();
  private outbox: Outgoing[];
  private lastSeq = 0;
  private pause = FIRST_PAUSE;
  private timer: number | undefined;
  private sending = false;
  private behind = false; // whether messages may have been missed

  constructor(
    private readonly server: string,
    public language: Language,
  ) {
    this.outbox = this.storage.read<Outgoing[]>("outbox") ?? [];
    window.addEventListener("online", () => this.retryNow());
    window.addEventListener("offline", () => this.lost());
  }

  // ---- for the view ----

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): State => this.state;

  readonly ticks = (message: string) => {
    const name = `ticks.${message}`;
    return {
      has: (item: string) => (this.storage.read<string[]>(name) ?? []).includes(item),
      set: (item: string, ticked: boolean) => {
        const others = (this.storage.read<string[]>(name) ?? []).filter((one) => one !== item);
        this.storage.write(name, ticked ? [...others, item] : others);
      },
    };
  };

  /** Continue the conversation of this tab, if there is one. */
  async resume(): Promise<void> {
    if (this.state.phase !== "consent" || !this.token) return;
    this.update({ phase: "open", entries: this.outbox.map(entryOf) });
    this.behind = true;
    await this.flush();
  }

  /** The person agrees: open a conversation. */
  async agree(): Promise<void> {
    this.update({ phase: "starting", notice: null });
    const body = { consent: true, consent_version: CONSENT_VERSION, language: this.language };
    try {
      const { history } = await this.ask<{ history: Message[] }>("POST", "/chat/session", body);
      this.update({ phase: "open", entries: this.outbox.map(entryOf) });
      this.merge(history);
      await this.flush();
    } catch {
      this.update({ phase: "consent", notice: "no_session" });
    }
  }

  /** Say something. */
  send(text: string): void {
    this.enqueue(text, null);
  }

  /** Press a button of a reply: its payload is a topic, or what the person would have typed. */
  choose(suggestion: Suggestion): void {
    this.enqueue(suggestion.title, suggestion.payload.startsWith("/") ? suggestion.payload : null);
  }

  /** Send a rejected message once more. */
  retry(id: string): void {
    this.keep(this.outbox.map((one) => (one.id === id ? { ...one, failed: false } : one)));
    this.change(id, { state: "waiting" });
    this.update({ notice: null });
    void this.flush();
  }

  async feedback(message: string, verdict: Verdict, reason: Reason | null): Promise<void> {
    await this.ask("POST", "/chat/feedback", { message, verdict, reason, comment: null });
  }

  /** The whole conversation as a file. */
  async export(format: "json" | "text"): Promise<Blob | null> {
    try {
      const response = await this.request("GET", `/chat/export?format=${format}&language=${this.language}`);
      return await response.blob();
    } catch (error) {
      this.complain(error);
      return null;
    }
  }

  /** Delete everything on the server and here. */
  async erase(notice: "deleted" | "withdrawn"): Promise<boolean> {
    try {
      await this.request("DELETE", "/chat", {});
    } catch (error) {
      // A conversation that the server no longer has is as good as deleted.
      if (!(error instanceof Refused && error.status === 401)) {
        this.complain(error);
        return false;
      }
    }
    this.forget();
    this.update({ notice });
    return true;
  }

  /** Forget the conversation on this computer. */
  forget(): void {
    window.clearTimeout(this.timer);
    this.storage.clear();
    this.outbox = [];
    this.lastSeq = 0;
    this.state = EMPTY;
    this.update({});
  }

  // ---- outbox ----

  private enqueue(text: string, payload: string | null): void {
    const outgoing = { id: uniqueId(), text, payload, time: Date.now(), failed: false };
    this.keep([...this.outbox, outgoing]);
    this.update({ entries: [...this.state.entries, entryOf(outgoing)], notice: null });
    void this.flush();
  }

  private async flush(): Promise<void> {
    if (this.sending || this.state.phase !== "open") return;
    this.sending = true;
    window.clearTimeout(this.timer);
    try {
      if (this.behind) await this.catchUp();
      for (let next = this.next(); next; next = this.next()) {
        this.update({ typing: true });
        await this.deliver(next);
      }
    } catch (error) {
      this.recover(error);
    } finally {
      this.sending = false;
      this.update({ typing: false });
    }
  }

  private next(): Outgoing | undefined {
    return this.outbox.find((one) => !one.failed);
  }

  private async deliver({ id, text, payload }: Outgoing): Promise<void> {
    try {
      const body = payload === null ? { id, text } : { id, payload };
      const turn = await this.ask<{ message: Message; replies: Message[] }>("POST", `/chat/messages?language=${this.language}`, body);
      this.keep(this.outbox.filter((one) => one.id !== id));
      this.merge([{ ...turn.message, id }, ...turn.replies]);
      this.update({ announcement: turn.replies.map((reply) => reply.text).join("\n") });
    } catch (error) {
      if (!(error instanceof Refused) || ![400, 403, 413, 415, 422].includes(error.status)) throw error;
      this.keep(this.outbox.map((one) => (one.id === id ? { ...one, failed: true } : one)));
      this.change(id, { state: "failed" });
      this.update({ notice: "rejected" });
    }
  }

  private async catchUp(): Promise<void> {
    const { messages } = await this.ask<{ messages: Message[] }>("GET", `/chat/history?after=${this.lastSeq}`);
    this.behind = false;
    const known = new Set(messages.map((message) => message.id));
    this.keep(this.outbox.filter((one) => !known.has(one.id)));
    this.merge(messages);
  }

  private recover(error: unknown): void {
    if (error instanceof Refused && error.status === 401) {
      const outbox = this.outbox;
      this.forget();
      this.keep(outbox);
      this.update({ notice: "expired" });
    } else if (error instanceof Refused && error.status === 429) {
      this.update({ notice: "busy" });
      this.later(error.wait * 1000);
    } else {
      this.lost();
      this.later(this.pause);
      this.pause = Math.min(this.pause * 2, LONGEST_PAUSE);
    }
  }

  private lost(): void {
    this.behind = true;
    if (this.state.phase === "open") this.update({ connected: false, typing: false });
  }

  private later(milliseconds: number): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), milliseconds);
  }

  private retryNow(): void {
    this.pause = FIRST_PAUSE;
    void this.flush();
  }

  // ---- the server ----

  private get token(): string | null {
    return this.storage.read<string>("token");
  }

  private async ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.request(method, path, body);
    const answer = (await response.json()) as Answer & { token?: string };
    if (answer.token) this.storage.write("token", answer.token);
    return answer;
  }

  private async request(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token) headers["Authorization"] = `Bearer ${this.token}`;
    const response = await fetch(this.server + path, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
      credentials: "omit",
      cache: "no-store",
    });
    if (!response.ok) throw new Refused(response.status, Number(response.headers.get("Retry-After")) || 5);
    this.pause = FIRST_PAUSE;
    if (!this.state.connected || this.state.notice === "busy") {
      this.update({ connected: true, notice: this.state.notice === "busy" ? null : this.state.notice });
    }
    return response;
  }

  private complain(error: unknown): void {
    if (error instanceof Refused && error.status === 401) this.recover(error);
    else this.update({ notice: "not_done" });
  }

  // ---- state ----

  /** Take messages in: known ones are replaced, new ones stand before what is still waiting. */
  private merge(messages: Message[]): void {
    const entries = [...this.state.entries];
    for (const message of messages) {
      const { seq, id, from, text, reply } = message;
      this.lastSeq = Math.max(this.lastSeq, seq);
      const entry: Entry = { id, from, time: Date.parse(message.time), text, reply, state: "sent" };
      const known = entries.findIndex((one) => one.id === id);
      const waiting = entries.findIndex((one) => one.state === "waiting");
      if (known >= 0) entries[known] = entry;
      else entries.splice(waiting >= 0 ? waiting : entries.length, 0, entry);
    }
    this.update({ entries });
  }

  private change(id: string, changes: Partial<Entry>): void {
    this.update({ entries: this.state.entries.map((one) => (one.id === id ? { ...one, ...changes } : one)) });
  }

  private keep(outbox: Outgoing[]): void {
    this.outbox = outbox;
    this.storage.write("outbox", outbox);
  }

  private update(changes: Partial<State>): void {
    this.state = { ...this.state, ...changes };
    this.listeners.forEach((listener) => listener());
  }
}

function entryOf({ id, text, time, failed }: Outgoing): Entry {
  return { id, from: "person", time, text, reply: null, state: failed ? "failed" : "waiting" };
}
