/** The server's side of the console (bot/assist/routes.py): types, and requests with the session's token. */

import type { Reason } from "../shared/feedback";
import type { Language } from "../shared/i18n";
import type { Needed, Reply } from "../shared/reply";

export type Role = "customer" | "agent";
export type Mark = "relevant" | "correct" | "useful" | "inserted" | "copied" | "opened";

export interface Turn {
  turn: string;
  role: Role;
  text: string;
  final: boolean;
  time: number;
  none?: Silence | null;
}

/** Why there is no card. */
export interface Silence {
  why: string;
  text: string;
}

export interface Card {
  id: string;
  turn: string;
  title: string;
  say: string;
  reply: Reply;
  confidence: "high" | "medium" | "low";
  why: string;
  replaces: string | null;
}

export type FactValue = string | number | boolean;

export interface Fact {
  id: string;
  label: string;
  value: FactValue | null;
  text: string | null;
  by: "customer" | "agent" | "hand" | "conclusion" | null;
  turn: string | null;
  choices: { value: FactValue; title: string }[];
  range: [number, number] | null;
}

export interface Panel {
  topic: { id: string; title: string } | null;
  checklist: {
    person: string;
    title: string | null;
    known: number;
    facts: Fact[];
    instead: string[];
    items: { id: string; text: string; needed: Needed; why: string }[];
  };
  ask: { fact: string; text: string; why: string } | null;
}

export interface Heard extends Panel {
  turn: Turn;
  cards: Card[];
  none: Silence | null;
}

export interface Call extends Panel {
  call: string;
  language: Language;
  opened: number;
  ended: number | null;
  last_event: number;
  turns: Turn[];
  cards: Card[];
  marks: Record<string, Partial<Record<Mark, boolean>>>;
}

export interface Running {
  call: string;
  agent: string | null;
  opened: number;
}

export interface Session {
  name: string;
  role: "agent" | "supervisor";
  csrf: string;
}

export interface Result {
  id: string;
  title: string;
  say: string;
  reply: Reply;
}

export interface Report {
  calls: number;
  questions: number;
  share_with_card: number | null;
  cards: number;
  inserted: number;
  copied: number;
  opened: number;
  votes: Record<"relevant" | "correct" | "useful", { up: number; down: number }>;
  topics: { topic: string; title: string; shown: number; inserted: number; down: number }[];
  unanswered: { text: string; why: string; times: number }[];
  surfaces: {
    unanswered: { text: string; channel: string; times: number }[];
    votes: { title: string; channel: string; up: number; down: number; reasons: Partial<Record<Reason, number>> }[];
  };
  milliseconds: { p50: number | null; p95: number | null };
}

/** A refusal in the server's words; `status` 0 where it could not be reached. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class Server {
  private csrf = "";

  /** `onLoggedOut` is called when the session has ended; `unreachable` is said when nobody answers. */
  constructor(
    readonly language: Language,
    private readonly onLoggedOut: () => void,
    private readonly unreachable: string,
  ) {}

  /** Whose session this is; null where nobody has logged in. */
  async session(): Promise<Session | null> {
    const { session } = await this.request<{ session: Session | null }>("GET", "session");
    return session && this.remember(session);
  }

  async logIn(name: string, password: string): Promise<Session> {
    return this.remember(await this.request<Session>("POST", "login", { name, password }));
  }

  async get<Answer>(path: string, signal?: AbortSignal): Promise<Answer> {
    return this.guarded(() => this.request<Answer>("GET", path, undefined, signal));
  }

  async post<Answer>(path: string, body: unknown): Promise<Answer> {
    return this.guarded(() => this.request<Answer>("POST", path, body));
  }

  private remember(session: Session): Session {
    this.csrf = session.csrf;
    return session;
  }

  private async guarded<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    try {
      return await send();
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) this.onLoggedOut();
      throw error;
    }
  }

  private async request<Answer>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const address = new URL(`/assist/${path}`, location.href);
    address.searchParams.set("language", this.language);
    const headers: Record<string, string> = { Accept: "application/json" };
    if (method !== "GET") {
      headers["Content-Type"] = "application/json";
      headers["X-CSRF-Token"] = this.csrf;
    }
    let answer: Response;
    try {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      answer = await fetch(address, { method, headers, body: sent, signal, credentials: "same-origin" });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new Refusal(0, this.unreachable);
    }
    const found = (await answer.json().catch(() => ({}))) as Answer & { error?: string };
    if (!answer.ok) throw new Refusal(answer.status, found.error ?? this.unreachable);
    return found;
  }
}
