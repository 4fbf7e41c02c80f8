/** What is known of this caller, ticked by both sides' words; one click sets it right. */

import { button, element, type Child } from "../shared/dom";
import type { Fact, FactValue, Panel } from "./api";
import { words, type Context } from "./context";
import type { Insert } from "./suggestions";

export class Checklist {
  readonly element: HTMLElement;
  private readonly heading = element("h2", { id: "as-checklist" });
  private readonly count = element("p", { class: "as-quiet" });
  private readonly facts = element("ul", { class: "as-facts" });
  private readonly ask = element("div", { class: "as-ask", hidden: true });
  private readonly papers = element("div");
  private readonly problem = element("p", { class: "as-problem", role: "alert" });
  private question: { text: string } | null = null;

  constructor(
    private readonly context: Context,
    private readonly call: string,
    private readonly insert: Insert,
  ) {
    this.element = element(
      "section",
      { class: "as-checklist", "aria-labelledby": "as-checklist" },
      this.heading,
      this.count,
      this.problem,
      this.ask,
      this.facts,
      this.papers,
    );
  }

  show({ checklist, ask }: Panel): void {
    const { say } = this.context;
    const focused = (document.activeElement as HTMLElement | null)?.dataset.control;
    const empty = checklist.facts.length === 0;
    this.heading.textContent = empty ? say("checklist") : say("checklist_for", { person: checklist.person });
    const known = { known: String(checklist.known), all: String(checklist.facts.length) };
    this.count.textContent = empty ? say("checklist_none") : say("known", known);
    this.facts.replaceChildren(...checklist.facts.map((fact) => this.fact(fact)));
    this.showPapers(checklist);
    this.question = ask;
    this.ask.hidden = !ask;
    this.ask.replaceChildren(
      ...(ask
        ? [
            element("h3", {}, say("ask_next")),
            element("p", { class: "as-say" }, ask.text),
            element("p", { class: "as-why" }, ask.why),
            button(say("ask_insert"), { class: "yb-button", "data-control": "ask" }, () => this.insertQuestion()),
          ]
        : []),
    );
    // Whoever is at a control stays there, although it has been drawn anew.
    if (focused) this.element.querySelector<HTMLElement>(`[data-control="${CSS.escape(focused)}"]`)?.focus();
  }

  insertQuestion(): void {
    if (this.question) this.insert(this.question.text, this.context.say("ask_next"));
  }

  private fact(fact: Fact): HTMLElement {
    const { say } = this.context;
    const source = fact.by ? say(`by_${fact.by}`) : say("unknown");
    const title = `as-fact-${fact.id}`;
    return element(
      "li",
      { "data-fact": fact.id, "data-known": String(fact.value !== null) },
      element(
        "p",
        { id: title, class: "as-fact" },
        element("span", { class: "as-tick", "aria-hidden": "true" }, fact.value === null ? "☐" : "☑"),
        element("span", {}, fact.label, fact.text ? `: ${fact.text}` : "", " "),
        element("small", {}, `(${source})`),
      ),
      element("div", { class: "as-choices", role: "group", "aria-labelledby": title }, ...this.controls(fact)),
    );
  }

  private controls(fact: Fact): Child[] {
    if (fact.range) return this.number(fact, fact.range);
    return fact.choices.map(({ value, title }) => {
      const pressed = fact.value === value;
      const control = `${fact.id}=${String(value)}`;
      const attributes = { class: "yb-button", "aria-pressed": String(pressed), "data-control": control };
      return button(title, attributes, () => this.set(fact.id, pressed ? null : value));
    });
  }

  private number(fact: Fact, [low, high]: [number, number]): Child[] {
    const { say } = this.context;
    const input = element("input", {
      type: "number",
      class: "as-input",
      min: String(low),
      max: String(high),
      value: fact.value === null ? "" : String(fact.value),
      "aria-label": fact.label,
      "data-control": `${fact.id}=`,
    });
    const save = () => this.set(fact.id, input.value === "" ? null : Number(input.value));
    input.addEventListener("change", save);
    return [input, button(say(fact.value === null ? "set" : "clear"), { class: "yb-button" }, () => {
      if (fact.value !== null) input.value = "";
      save();
    })];
  }

  private set(fact: string, value: FactValue | null): void {
    const { server } = this.context;
    this.problem.textContent = "";
    server.post<Panel>(`calls/${this.call}/facts`, { fact, value }).then(
      (panel) => this.show(panel),
      (error: unknown) => (this.problem.textContent = words(error, this.context)),
    );
  }

  private showPapers({ instead, items }: Panel["checklist"]): void {
    const { say } = this.context;
    const rows = items.map(({ text, needed, why }) =>
      element(
        "li",
        { "data-needed": needed },
        element("strong", {}, say(`needed_${needed}`)),
        ` ${text} `,
        element("small", {}, why),
      ),
    );
    const list = element("ul", { class: "as-papers" }, ...rows);
    const cases = instead.map((text) => element("p", {}, text));
    this.papers.replaceChildren(
      ...(rows.length || cases.length ? [element("h3", {}, say("papers"))] : []),
      ...cases,
      ...(rows.length ? [list] : []),
    );
  }
}
