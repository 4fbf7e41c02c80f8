/** What was said, by both sides; words that may still change are grey and not read out. */

import { element } from "../shared/dom";
import type { Turn } from "./api";
import type { Context } from "./context";

export class Transcript {
  readonly element: HTMLElement;
  private readonly log = element("div", { role: "log", class: "as-log", "aria-labelledby": "as-conversation", tabindex: "0" });
  private readonly interim = element("div", { class: "as-log as-interim", "aria-live": "off" });
  private readonly rows = new Map<string, HTMLElement>();

  constructor(private readonly context: Context) {
    this.element = element(
      "section",
      { class: "as-transcript", "aria-labelledby": "as-conversation" },
      element("h2", { id: "as-conversation" }, context.say("conversation")),
      this.log,
      this.interim,
    );
  }

  show(turn: Turn): void {
    const known = this.rows.get(turn.turn);
    if (known?.dataset.final === "true") return;
    const atEnd = this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight < 60;
    const { say, language } = this.context;
    const row = element(
      "p",
      { class: "as-turn", "data-role": turn.role, "data-final": String(turn.final), "data-turn": turn.turn, lang: language },
      element("span", { class: "as-speaker" }, `${say(turn.role)}: `),
      turn.text,
    );
    known?.remove();
    this.rows.set(turn.turn, row);
    (turn.final ? this.log : this.interim).append(row);
    if (atEnd) this.element.scrollTop = this.element.scrollHeight;
  }
}
