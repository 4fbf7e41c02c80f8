/** What the help box asks the server for. */

import type { Reason, Verdict } from "../shared/feedback";
import { inPath } from "../shared/host";
import type { Language } from "../shared/i18n";
import type { Reply } from "../shared/reply";

export interface Result {
  id: string;
  topic: string;
  question: string;
  excerpt: string;
  source: string;
  url: string;
  [key: string]: unknown;
}

export interface Answer {
  reply: Reply;
  url: string;
  question?: string;
}

const PATIENCE = 10_000; // ms
const PAUSE = 150; // ms after the last key before the server is asked

export class Search {
  private running: AbortController | null = null;
  private timer: number | undefined;

  constructor(private readonly server: string) {}

  /** The results for a query once typing pauses; a newer query cancels an older one. */
  whileTyping(query: string, language: Language): Promise<Result[]> {
    window.clearTimeout(this.timer);
    this.running?.abort();
    return new Promise((resolve, reject) => {
      this.timer = window.setTimeout(() => this.results(query, language).then(resolve, reject), PAUSE);
    });
  }

  async results(query: string, language: Language): Promise<Result[]> {
    window.clearTimeout(this.timer);
    this.running?.abort();
    this.running = new AbortController();
    const address = `/help/suggest?q=${encodeURIComponent(query)}&language=${language}`;
    const { results } = (await this.ask(address, { signal: this.running.signal })) as { results: Result[] };
    return results;
  }

  /** One answer, or null when there is none of that name. */
  async answer(id: string, language: Language): Promise<Answer | null> {
    const address = `/help/answer/${inPath(id)}?language=${language}`;
    return (await this.ask(address, { signal: AbortSignal.timeout(PATIENCE) })) as Answer | null;
  }

  async feedback(answer: string, query: string, verdict: Verdict, reason: Reason | null): Promise<void> {
    const body = JSON.stringify({ answer, query, verdict, reason });
    await this.ask("/help/feedback", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }

  private async ask(address: string, options: RequestInit): Promise<unknown> {
    const response = await fetch(this.server + address, { credentials: "omit", ...options });
    if (response.status === 404) return null;
    if (!response.ok) throw new Error(`${address}: ${response.status}`);
    return response.json();
  }
}

/** Two letters or one Chinese character are enough to search for. */
export function isEnough(query: string): boolean {
  return query.trim().length >= 2 || /\p{Script=Han}/u.test(query);
}
