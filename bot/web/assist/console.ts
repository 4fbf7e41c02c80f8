/** The console of one call: conversation, suggestions, checklist, reply, search, wrap-up; live from the server. */

import { button, element } from "../shared/dom";
import type { Call, Heard, Panel } from "./api";
import { Checklist } from "./checklist";
import { Composer } from "./composer";
import type { Context } from "./context";
import { Search } from "./search";
import { Suggestions } from "./suggestions";
import { Tabs } from "./tabs";
import { Transcript } from "./transcript";
import { openWrapUp } from "./wrapup";

export class Console {
  readonly element: HTMLElement;
  private readonly transcript: Transcript;
  private readonly suggestions: Suggestions;
  private readonly checklist: Checklist;
  private readonly composer: Composer;
  private readonly search: Search;
  private readonly tabs: Tabs;
  private readonly state = element("span", { class: "as-state", role: "status" });
  private readonly topic = element("span");
  private readonly timer: HTMLElement;
  private readonly end: HTMLButtonElement;
  private readonly ticking: number;
  private stream: EventSource | null = null;
  private over: boolean;

  constructor(
    private readonly context: Context,
    private readonly call: Call,
    onBack: () => void,
    private readonly onDrop: () => void,
  ) {
    const { say } = context;
    const insert = (text: string, title: string) => this.composer.insert(text, title);
    this.transcript = new Transcript(context);
    this.suggestions = new Suggestions(context, insert);
    this.checklist = new Checklist(context, call.call, insert);
    this.composer = new Composer(context, call.call, (heard) => this.hear(heard));
    this.search = new Search(context, insert);
    this.timer = element("span", { role: "timer", "aria-label": say("timer") });
    this.end = button(say("end_call"), { class: "yb-button" }, () => void openWrapUp(context, call.call, () => this.ended()));
    this.tabs = new Tabs([
      { name: say("conversation"), panels: [this.transcript.element, this.composer.element] },
      { name: say("suggestions"), panels: [this.suggestions.element] },
      { name: say("checklist"), panels: [this.checklist.element] },
      { name: say("search"), panels: [this.search.element] },
    ]);
    this.element = element(
      "main",
      { class: "as-console" },
      element(
        "div",
        { class: "as-status" },
        this.timer,
        this.state,
        this.topic,
        element("span", { class: "as-actions" }, this.end, button(say("back"), { class: "yb-button" }, onBack)),
      ),
      this.tabs.element,
      element("div", { class: "as-columns" }, this.transcript.element, this.suggestions.element, this.checklist.element),
      element("div", { class: "as-bottom" }, this.composer.element, this.search.element),
      element("details", { class: "yb-fold as-keys" }, element("summary", {}, say("keys")), element("p", {}, say("keys_list"))),
    );
    for (const turn of call.turns) this.transcript.show(turn);
    this.suggestions.restore(call.cards, call.marks);
    this.panel(call);
    this.over = call.ended !== null;
    this.ticking = window.setInterval(() => this.tick(), 1000);
    this.tick();
    document.addEventListener("keydown", this.key);
    if (this.over) this.ended();
    else this.follow();
  }

  /** Stops listening; the call itself goes on. */
  leave(): void {
    this.stream?.close();
    clearInterval(this.ticking);
    document.removeEventListener("keydown", this.key);
  }

  private follow(): void {
    const { say } = this.context;
    this.state.textContent = say("connecting");
    const stream = new EventSource(`/assist/calls/${this.call.call}/events?after=${this.call.last_event}`);
    this.stream = stream;
    stream.addEventListener("open", () => this.connected(true));
    stream.addEventListener("turn", (event) => this.hear(JSON.parse((event as MessageEvent<string>).data) as Heard));
    stream.addEventListener("panel", (event) => this.panel(JSON.parse((event as MessageEvent<string>).data) as Panel));
    stream.addEventListener("ended", () => this.ended());
    stream.addEventListener("error", () => {
      this.connected(false);
      if (stream.readyState === EventSource.CLOSED && !this.over) this.onDrop();
    });
  }

  private connected(live: boolean): void {
    const text = this.context.say(live ? "live" : "reconnecting");
    if (!this.over && this.state.textContent !== text) this.state.textContent = text;
    this.state.dataset.live = String(live);
  }

  /** What a turn led to, from the answer to our own request or from the stream, whichever is first. */
  private hear(heard: Heard): void {
    this.transcript.show(heard.turn);
    if (!heard.turn.final) return;
    this.suggestions.show(heard);
    this.panel(heard);
  }

  private panel(panel: Panel): void {
    const { say } = this.context;
    this.topic.textContent = panel.topic ? say("topic", { title: panel.topic.title }) : say("no_topic");
    this.checklist.show(panel);
  }

  private ended(): void {
    this.over = true;
    this.stream?.close();
    this.state.textContent = this.context.say("ended");
    this.composer.element.hidden = true;
    clearInterval(this.ticking);
  }

  private tick(): void {
    const seconds = Math.max(0, Math.floor((this.call.ended ?? Date.now() / 1000) - this.call.opened));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    this.timer.textContent = parts.map((part) => String(part).padStart(2, "0")).join(":");
  }

  private readonly key = (event: KeyboardEvent): void => {
    if (event.isComposing || document.querySelector("dialog[open]")) return;
    const typing = (event.target as HTMLElement).matches("input:not([type=radio]), textarea, select");
    const insertion = ["F1", "F2", "F3"].indexOf(event.key);
    if (insertion >= 0) this.suggestions.use(insertion);
    else if (event.key === "F4" && !event.altKey) this.checklist.insertQuestion();
    else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      this.tabs.show(1);
      this.suggestions.step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      this.tabs.show(3);
      this.search.focus();
    } else return;
    event.preventDefault();
  };
}
