/** Where the agent writes what is said: inserted suggestions, typed turns of either side, a pasted transcript. */

import { button, element } from "../shared/dom";
import type { Heard, Role } from "./api";
import { words, type Context } from "./context";

interface Line {
  role: Role;
  text: string;
}

export class Composer {
  readonly element: HTMLFormElement;
  private readonly text: HTMLTextAreaElement;
  private readonly source = element("p", { class: "as-source" });
  private readonly problem = element("p", { class: "as-problem", role: "alert" });
  private readonly roles: HTMLInputElement[];
  /** The turn whose sending failed: sent again with the same id, it counts once even if it had arrived. */
  private failed: (Line & { turn: string }) | null = null;

  constructor(
    private readonly context: Context,
    private readonly call: string,
    private readonly heard: (heard: Heard) => void,
  ) {
    const { say } = context;
    this.text = element("textarea", { id: "as-reply", rows: "3", "aria-describedby": "as-reply-hint", maxlength: "15000" });
    this.roles = (["agent", "customer"] as Role[]).map((role) =>
      element("input", { type: "radio", name: "role", value: role, checked: role === "agent" }),
    );
    const labels = this.roles.map((input) => element("label", { class: "as-radio" }, input, say(input.value)));
    this.element = element(
      "form",
      { class: "as-composer" },
      element("label", { for: "as-reply" }, say("reply")),
      this.text,
      element("p", { id: "as-reply-hint", class: "as-quiet" }, say("reply_hint")),
      this.source,
      this.problem,
      element(
        "div",
        { class: "as-actions" },
        element("fieldset", { class: "as-speakers" }, element("legend", {}, say("speaker")), ...labels),
        element("button", { type: "submit", class: "yb-button yb-primary" }, say("send")),
      ),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.ctrlKey && !event.isComposing) void this.send();
    });
    this.text.addEventListener("input", () => {
      if (!this.text.value.trim()) this.cameFrom("");
    });
  }

  /** Puts a text behind what is written already; the focus stays where it is. */
  insert(text: string, title: string): void {
    const { say, announce } = this.context;
    this.text.value = this.text.value.trim() ? `${this.text.value.trimEnd()} ${text}` : text;
    this.roles.forEach((role) => (role.checked = role.value === "agent"));
    this.cameFrom(title);
    announce(say("inserted"));
  }

  private cameFrom(title: string): void {
    this.source.textContent = title ? this.context.say("from_card", { title }) : "";
    this.text.classList.toggle("as-inserted", Boolean(title));
  }

  private async send(): Promise<void> {
    const lines = this.lines();
    this.problem.textContent = "";
    try {
      for (const [number, line] of lines.entries()) {
        const again = this.failed?.role === line.role && this.failed.text === line.text;
        const turn = again && this.failed ? this.failed.turn : crypto.randomUUID();
        this.failed = { turn, ...line };
        performance.mark(`yibao:sent:${turn}`);
        this.heard(await this.context.server.post<Heard>(`calls/${this.call}/turns`, { turn, ...line, final: true }));
        this.failed = null;
        this.text.value = lines.slice(number + 1).map(({ role, text }) => `${this.context.say(role)}: ${text}`).join("\n");
      }
      this.cameFrom("");
    } catch (error) {
      this.problem.textContent = this.context.say("sending_failed", { error: words(error, this.context) });
    }
  }

  /** The turns in the field: one, or those of a pasted transcript. */
  private lines(): Line[] {
    const written = this.text.value.trim();
    if (!written) return [];
    const chosen = (this.roles.find((role) => role.checked)?.value ?? "agent") as Role;
    const names = { customer: this.names("customer"), agent: this.names("agent") };
    const parts = written.split("\n").map((line): Line | string => {
      const [, name, text] = /^\s*([^:：]{1,20})[:：]\s*(.+)$/.exec(line) ?? [];
      const role = (["customer", "agent"] as Role[]).find((one) => names[one].has(name?.toLowerCase() ?? ""));
      return role && text ? { role, text } : line;
    });
    if (parts.every((part) => typeof part === "string")) return [{ role: chosen, text: written }];
    const lines: Line[] = [];
    for (const part of parts) {
      const last = lines.at(-1);
      if (typeof part !== "string") lines.push(part);
      else if (last) last.text = `${last.text} ${part.trim()}`;
      else if (part.trim()) lines.push({ role: chosen, text: part.trim() });
    }
    return lines;
  }

  private names(role: Role): Set<string> {
    return new Set([role, this.context.say(role).toLowerCase()]);
  }
}

/** A button beside a text that inserts it. */
export function inserter(context: Context, onClick: () => void): HTMLButtonElement {
  return button(context.say("insert"), { class: "yb-button yb-primary" }, onClick);
}
