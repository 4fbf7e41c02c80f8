/** Search while typing, over what the help box searches. */

import { button, element } from "../shared/dom";
import { renderReply } from "../shared/reply";
import type { Result } from "./api";
import { inserter } from "./composer";
import { copy, words, type Context } from "./context";
import type { Insert } from "./suggestions";

const PAUSE = 150; // milliseconds without a key before the server is asked

export class Search {
  readonly element: HTMLElement;
  private readonly field: HTMLInputElement;
  private readonly status = element("p", { role: "status", class: "as-quiet" });
  private readonly results = element("ol", { class: "as-cards" });
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(
    private readonly context: Context,
    private readonly insert: Insert,
  ) {
    const { say } = context;
    this.field = element("input", { type: "search", id: "as-search", class: "as-input", maxlength: "200", autocomplete: "off" });
    this.element = element(
      "section",
      { class: "as-search", "aria-label": say("search") },
      element("label", { for: "as-search" }, say("search_key")),
      this.field,
      this.status,
      this.results,
    );
    const later = () => {
      clearTimeout(this.timer);
      this.timer = window.setTimeout(() => void this.ask(), PAUSE);
    };
    this.field.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) later();
    });
    this.field.addEventListener("compositionend", later);
    this.field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.field.value = "";
      later();
    });
  }

  focus(): void {
    this.field.focus();
  }

  private async ask(): Promise<void> {
    this.asking?.abort();
    const query = this.field.value.trim();
    if (!query) {
      this.results.replaceChildren();
      this.status.textContent = "";
      return;
    }
    this.asking = new AbortController();
    try {
      const path = `search?q=${encodeURIComponent(query)}`;
      const { results } = await this.context.server.get<{ results: Result[] }>(path, this.asking.signal);
      this.show(results);
    } catch (error) {
      if (!(error instanceof DOMException)) this.status.textContent = words(error, this.context);
    }
  }

  private show(results: Result[]): void {
    const { say, language } = this.context;
    const count = String(results.length);
    this.status.textContent = results.length > 1 ? say("results", { count }) : say(results.length ? "results_one" : "results_none");
    this.results.replaceChildren(
      ...results.map((result) => {
        const body = element("div");
        const details = element("details", { class: "yb-fold" }, element("summary", {}, say("open_source")), body);
        details.addEventListener("toggle", () => {
          if (details.open && !body.hasChildNodes()) body.append(renderReply(result.reply, { language, server: "" }));
        });
        return element(
          "li",
          { class: "as-card as-result" },
          element("h3", {}, result.title),
          element("p", { class: "as-say", lang: result.reply.language }, result.say),
          element(
            "div",
            { class: "as-actions" },
            inserter(this.context, () => this.insert(result.say, result.title)),
            button(say("copy"), { class: "yb-button" }, () => void copy(result.say, this.context)),
          ),
          details,
        );
      }),
    );
  }
}
