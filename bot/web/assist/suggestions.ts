/** The cards: at most three of the latest question, which never move while they are read. */

import { button, element } from "../shared/dom";
import { renderReply } from "../shared/reply";
import type { Card, Heard, Mark, Silence } from "./api";
import { copy, type Context } from "./context";

const QUESTIONS: Mark[] = ["relevant", "correct", "useful"];
const hovers = matchMedia("(hover: hover)");

export type Insert = (text: string, title: string) => void;

export class Suggestions {
  readonly element: HTMLElement;
  private readonly silence = element("p", { class: "as-silence" });
  private readonly empty: HTMLElement;
  private readonly more: HTMLButtonElement;
  private readonly pinned = element("ol", { class: "as-cards" });
  private readonly pins: HTMLElement;
  private readonly current: HTMLOListElement;
  private readonly earlier = element("ol", { class: "as-cards" });
  private readonly history: HTMLDetailsElement;
  private readonly historyTitle = element("summary");
  private readonly views = new Map<string, CardView>();
  private waiting: CardView[] = [];

  constructor(
    private readonly context: Context,
    private readonly insert: Insert,
  ) {
    const { say } = context;
    this.empty = element("p", { class: "as-quiet" }, say("suggestions_none"));
    this.more = button("", { class: "yb-button yb-primary as-more", hidden: true }, () => {
      this.present();
      this.current.querySelector<HTMLElement>(".as-card")?.focus();
    });
    this.current = element("ol", { class: "as-cards", "data-current": true });
    this.pins = element("div", { hidden: true }, element("h3", {}, say("pinned")), this.pinned);
    this.history = element("details", { class: "yb-fold", hidden: true }, this.historyTitle, this.earlier);
    this.element = element(
      "section",
      { class: "as-suggestions", "aria-labelledby": "as-suggestions" },
      element("h2", { id: "as-suggestions" }, say("suggestions")),
      this.more,
      this.silence,
      this.empty,
      this.pins,
      this.current,
      this.history,
    );
    this.element.addEventListener("focusout", () => setTimeout(() => this.release()));
    this.element.addEventListener("pointerleave", () => setTimeout(() => this.release()));
  }

  /** Everything of a call that is opened: the last question's cards in front, the others folded away. */
  restore(cards: Card[], marks: Record<string, Partial<Record<Mark, boolean>>>): void {
    const groups = new Map<string, Card[]>();
    for (const card of cards) groups.set(card.turn, [...(groups.get(card.turn) ?? []), card]);
    for (const group of groups.values()) {
      this.waiting = group.map((card) => this.view(card, marks[card.id]));
      this.present();
    }
  }

  /** What a turn led to; a turn that is known already changes nothing. */
  show({ cards, none, turn }: Pick<Heard, "cards" | "none" | "turn">): void {
    if (turn.role !== "customer" || !turn.final) return;
    this.quiet(cards.length ? null : none);
    const fresh = cards.filter((card) => !this.views.has(card.id));
    if (!fresh.length) return;
    this.waiting = fresh.map((card) => this.view(card));
    const { announce, say } = this.context;
    const count = String(fresh.length);
    announce(fresh.length === 1 ? say("new_suggestion") : say("new_suggestions", { count }));
    this.more.textContent = say("show_new", { count });
    if (this.isRead()) this.more.hidden = false;
    else this.present();
    const mark = `yibao:painted:${turn.turn}`;
    requestAnimationFrame(() => setTimeout(() => performance.mark(mark)));
  }

  /** Inserts the card with this place, from 0. */
  use(place: number): void {
    const card = this.current.children[place];
    if (card) this.views.get((card as HTMLElement).dataset.card ?? "")?.use();
  }

  /** Moves the focus to the next or the previous card. */
  step(by: 1 | -1): void {
    const cards = [...this.element.querySelectorAll<HTMLElement>(".as-card")].filter((card) => card.offsetParent);
    const at = cards.findIndex((card) => card.contains(document.activeElement));
    if (by < 0 && at <= 0 && !this.more.hidden) this.more.focus();
    else cards[at < 0 ? 0 : Math.min(Math.max(at + by, 0), cards.length - 1)]?.focus();
  }

  private isRead(): boolean {
    if (!this.current.children.length) return false;
    const hovered = hovers.matches && this.current.matches(":hover");
    return hovered || this.element.contains(document.activeElement);
  }

  private release(): void {
    if (this.waiting.length && !this.isRead()) this.present();
  }

  private present(): void {
    const replaced = new Set(this.waiting.map((view) => view.card.replaces));
    for (const old of [...this.current.children]) {
      this.earlier.prepend(old);
      this.views.get((old as HTMLElement).dataset.card ?? "")?.number(null);
    }
    // A card that was brought up to date is gone: two lists for one person would be one too many.
    for (const id of replaced) if (id) this.views.get(id)?.element.remove();
    this.current.replaceChildren(...this.waiting.map((view) => view.element));
    this.waiting.forEach((view, place) => view.number(place + 1));
    this.waiting = [];
    this.more.hidden = true;
    this.empty.hidden = true;
    this.count();
  }

  private count(): void {
    const count = this.earlier.children.length;
    this.history.hidden = count === 0;
    this.historyTitle.textContent = this.context.say("earlier", { count: String(count) });
    this.pins.hidden = this.pinned.children.length === 0;
  }

  private quiet(none: Silence | null): void {
    const text = none?.text ?? "";
    this.silence.textContent = text;
    if (none && (none.why === "out_of_scope" || none.why === "unclear")) this.context.announce(text);
  }

  private view(card: Card, marks: Partial<Record<Mark, boolean>> = {}): CardView {
    const view = new CardView(card, marks, this.context, this.insert, {
      pin: (pinned) => {
        (pinned ? this.pinned : this.earlier).append(view.element);
        this.count();
      },
      dismiss: () => {
        const next = (view.element.nextElementSibling ?? view.element.previousElementSibling) as HTMLElement | null;
        view.element.remove();
        this.count();
        next?.focus();
      },
    });
    this.views.set(card.id, view);
    return view;
  }
}

/** One card. */
class CardView {
  readonly element: HTMLLIElement;
  private readonly inserter: HTMLButtonElement;

  constructor(
    readonly card: Card,
    marks: Partial<Record<Mark, boolean>>,
    private readonly context: Context,
    private readonly insert: Insert,
    on: { pin(pinned: boolean): void; dismiss(): void },
  ) {
    const { say } = context;
    const heading = `as-card-${card.id}`;
    this.inserter = button(say("insert"), { class: "yb-button yb-primary" }, () => this.use());
    const pin: HTMLButtonElement = button(say("pin"), { class: "yb-button", "aria-pressed": "false" }, () => {
      const pinned = pin.getAttribute("aria-pressed") !== "true";
      pin.setAttribute("aria-pressed", String(pinned));
      pin.textContent = say(pinned ? "unpin" : "pin");
      if (pinned) this.number(null);
      on.pin(pinned);
      pin.focus();
    });
    this.element = element(
      "li",
      { class: "as-card", tabindex: "-1", "data-card": card.id, "aria-labelledby": heading },
      element(
        "div",
        { class: "as-card-head" },
        element("h3", { id: heading }, card.title),
        element("span", { class: "as-confidence", "data-level": card.confidence }, say(`confidence_${card.confidence}`)),
      ),
      element("p", { class: "as-say", lang: card.reply.language }, card.say),
      element("p", { class: "as-why" }, card.why),
      element(
        "div",
        { class: "as-actions" },
        this.inserter,
        button(say("copy"), { class: "yb-button" }, () => void this.copy()),
        pin,
        button(say("dismiss"), { class: "yb-button" }, on.dismiss),
      ),
      this.source(),
      this.rating(marks),
    );
  }

  /** The key that inserts the card, as a number; none for a card that no key reaches. */
  number(key: number | null): void {
    const { say } = this.context;
    this.inserter.textContent = key && key <= 3 ? say("insert_key", { key: `F${key}` }) : say("insert");
  }

  use(): void {
    this.insert(this.card.say, this.card.title);
    this.mark("inserted", true);
  }

  private async copy(): Promise<void> {
    if (await copy(this.card.say, this.context)) this.mark("copied", true);
  }

  private source(): HTMLElement {
    const { language, say } = this.context;
    const body = element("div");
    const details = element("details", { class: "yb-fold" }, element("summary", {}, say("open_source")), body);
    details.addEventListener("toggle", () => {
      if (!details.open || body.hasChildNodes()) return;
      body.append(renderReply(this.card.reply, { language, server: "" }));
      // Whoever opens the source wants to see it: the list of sources is not folded again.
      body.querySelector<HTMLDetailsElement>(".yb-sources")?.setAttribute("open", "");
      this.mark("opened", true);
    });
    return details;
  }

  private rating(marks: Partial<Record<Mark, boolean>>): HTMLElement {
    const { say } = this.context;
    const rows = QUESTIONS.map((kind) => {
      const votes = [true, false].map((value) => {
        const pressed = String(marks[kind] === value);
        const vote: HTMLButtonElement = button(
          say(value ? "yes" : "no"),
          { class: "yb-button", "aria-pressed": pressed },
          () => {
            const chosen = vote.getAttribute("aria-pressed") !== "true";
            for (const other of votes) other.setAttribute("aria-pressed", String(chosen && other === vote));
            this.mark(kind, chosen ? value : null, true);
          },
        );
        return vote;
      });
      return element("div", { class: "as-vote", role: "group", "aria-label": say(kind) }, element("span", {}, say(kind)), ...votes);
    });
    return element("details", { class: "yb-fold" }, element("summary", {}, say("rate")), ...rows);
  }

  private mark(kind: Mark, value: boolean | null, tell = false): void {
    const { server, announce, say } = this.context;
    const stored = server.post(`cards/${this.card.id}/feedback`, { kind, value });
    void stored.then(
      () => tell && announce(say("stored")),
      () => tell && announce(say("failed")),
    );
  }
}
