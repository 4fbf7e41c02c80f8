/**
 * `<yibao-help>`: the help box, in a shadow root of its own. It stands where the page puts the element, or where its
 * script tag stands.
 *   data-lang en|zh, data-theme wechat|light|dark|elder
 * An answer has an address, `#/faq/<answer>`, which can be copied and opened, and left with the browser's back button.
 * `yibao-help-ready` is sent when it stands in the page; nothing is added to the page's global names.
 */

import { autocomplete, type AutocompleteApi } from "@algolia/autocomplete-js";
import { button, element, styleSheet } from "../shared/dom";
import { renderFeedback } from "../shared/feedback";
import { inPath, pageOf, script, server } from "../shared/host";
import { chooseLanguage, translator, type Language, type Translate } from "../shared/i18n";
import { printAlone } from "../shared/print";
import { renderReply } from "../shared/reply";
import replyStyles from "../shared/reply.css?inline";
import tokens from "../shared/theme.css?inline";
import { environmentOf } from "./environment";
import styles from "./help.css?inline";
import en from "./locales/en.json";
import zh from "./locales/zh.json";
import { isEnough, Search, type Answer, type Result } from "./search";

const ROUTE = "#/faq/";
const sheet = styleSheet(tokens, replyStyles, styles);

class YibaoHelp extends HTMLElement {
  static readonly observedAttributes = ["data-lang", "data-theme"];
  private readonly search = new Search(server);
  private readonly root = element("div", { class: "yb-root yb-help" });
  private readonly questions = new Map<string, string>(); // of the answers that were found, for their heading
  private query = "";
  private shown: string | null = null; // the answer that stands open
  private language: Language | null = null;
  private say: Translate = translator({ en, zh }, "en");
  private box: AutocompleteApi<Result> | null = null;
  private parts = this.makeParts();

  connectedCallback(): void {
    if (!this.shadowRoot) {
      const shadow = this.attachShadow({ mode: "open" });
      shadow.adoptedStyleSheets = [sheet];
      shadow.append(this.root);
    }
    window.addEventListener("hashchange", this.followRoute);
    this.draw();
    this.dispatchEvent(new CustomEvent("yibao-help-ready", { bubbles: true }));
  }

  disconnectedCallback(): void {
    window.removeEventListener("hashchange", this.followRoute);
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.shadowRoot) this.draw();
  }

  /** Show an answer in place. */
  showAnswer(id: string): void {
    if (location.hash === ROUTE + inPath(id)) this.followRoute();
    else location.hash = ROUTE + inPath(id);
  }

  private makeParts() {
    return {
      box: element("div", { class: "yb-box" }),
      panel: element("div", { class: "yb-results" }),
      count: element("p", { role: "status", class: "yb-count" }),
      problem: element("p", { role: "alert", class: "yb-problem" }),
      place: element("div", { class: "yb-place" }),
      contact: element("div", { class: "yb-contact" }),
    };
  }

  private draw(): void {
    this.root.dataset["theme"] = this.dataset["theme"] ?? "wechat";
    const language = chooseLanguage(this.dataset["lang"]);
    if (language === this.language) return;
    this.language = language;
    this.say = translator({ en, zh }, language);
    this.root.lang = language;
    this.box?.destroy();
    this.parts = this.makeParts();
    const { box, panel, count, problem, place, contact } = this.parts;
    this.root.replaceChildren(box, panel, count, problem, place, contact);
    this.box = this.makeBox();
    this.drawContact();
    this.shown = null;
    this.followRoute();
  }

  // ---- searching ----

  private makeBox(): AutocompleteApi<Result> {
    const language = this.language!;
    return autocomplete<Result>({
      id: "yibao-help",
      container: this.parts.box,
      panelContainer: this.parts.panel,
      environment: environmentOf(this.shadowRoot!),
      // The library's full-screen mode leaves the shadow root, and with it our styles.
      detachedMediaQuery: "none",
      panelPlacement: "full-width",
      // Without it pinyin is searched for while a Chinese word is being composed.
      ignoreCompositionEvents: true,
      placeholder: this.say("placeholder"),
      translations: {
        clearButtonTitle: this.say("clear"),
        submitButtonTitle: this.say("submit"),
      },
      getSources: async ({ query }) => [
        {
          sourceId: "answers",
          getItems: () => this.find(query, language),
          getItemInputValue: () => query,
          onSelect: ({ item }) => this.showAnswer(item.id),
          templates: {
            item: ({ item, createElement }) =>
              createElement(
                "div",
                { className: "yb-result" },
                createElement("strong", {}, item.question),
                createElement("span", {}, item.excerpt),
                item.source ? createElement("small", {}, item.source) : null,
              ),
          },
        },
      ],
      onSubmit: ({ state }) => void this.submit(state.query),
      onReset: () => this.tell(""),
    });
  }

  private async find(query: string, language: Language): Promise<Result[]> {
    this.query = query.trim();
    this.parts.place.querySelector(".yb-none")?.remove();
    if (!isEnough(query)) {
      this.tell("");
      return [];
    }
    try {
      return this.found(await this.search.whileTyping(this.query, language));
    } catch (error) {
      if (!isAborted(error)) this.complain("failed");
      return [];
    }
  }

  private found(results: Result[]): Result[] {
    this.parts.problem.textContent = "";
    for (const { id, question } of results) this.questions.set(id, question);
    const count = results.length;
    this.tell(this.say(count === 0 ? "none" : count === 1 ? "results_one" : "results", { count: String(count) }));
    if (count === 0) this.showNothingFound();
    return results;
  }

  /** Enter without a chosen result: the best one. */
  private async submit(query: string): Promise<void> {
    this.query = query.trim();
    if (!isEnough(query)) return;
    try {
      const [best] = this.found(await this.search.results(this.query, this.language!));
      if (best) this.showAnswer(best.id);
    } catch (error) {
      if (!isAborted(error)) this.complain("failed");
    }
  }

  private showNothingFound(): void {
    const title = element("h2", {}, this.say("none_title", { query: this.query }));
    this.parts.place.replaceChildren(
      element("section", { class: "yb-card yb-none" }, title, element("p", {}, this.say("none_hint"))),
    );
    this.shown = null;
  }

  private tell(text: string): void {
    this.parts.count.textContent = text;
  }

  private complain(key: string): void {
    this.tell("");
    this.parts.problem.textContent = this.say(key);
  }

  // ---- an answer in place ----

  private readonly followRoute = (): void => {
    const id = location.hash.startsWith(ROUTE) ? decode(location.hash.slice(ROUTE.length)) : null;
    if (id === this.shown) return;
    this.shown = id;
    if (id === null) this.parts.place.replaceChildren();
    else void this.openAnswer(id);
  };

  private async openAnswer(id: string): Promise<void> {
    this.parts.problem.textContent = "";
    try {
      const answer = await this.search.answer(id, this.language!);
      if (this.shown !== id) return;
      if (answer) this.drawAnswer(id, answer);
      else this.complain("unknown");
    } catch {
      this.complain("failed");
    }
  }

  private drawAnswer(id: string, { reply, url, question }: Answer): void {
    const title = question ?? this.questions.get(id) ?? this.say("answer");
    const heading = element("h2", { tabindex: "-1", id: "answer" }, title);
    const status = element("p", { role: "status", class: "yb-count" });
    const close = button("✕", { class: "yb-close", "aria-label": this.say("back") }, () => this.leave());
    const copy = button(this.say("copy"), { class: "yb-button" }, () => void this.copy(id, status));
    const page = element("a", { class: "yb-link", href: pageOf(server, `${url.split("#")[0]}?language=${this.language}#${url.split("#")[1] ?? ""}`) }, this.say("page"));
    const feedback = renderFeedback(this.language!, async (verdict, reason) => {
      await this.search.feedback(id, this.query, verdict, reason);
      if (verdict === "down") status.textContent = this.say("better");
    });
    const body = renderReply(reply, {
      language: this.language!,
      server,
      onPrint: (checklist) => printAlone(checklist, this.say("checklist")),
      onSuggestion: ({ title, payload }) => (payload.startsWith("/") ? this.showAnswer(payload.slice(1)) : this.ask(title)),
    });
    const section = element(
      "section",
      { class: "yb-card", "aria-labelledby": "answer" },
      element("div", { class: "yb-head" }, heading, close),
      body,
      feedback,
      element("div", { class: "yb-actions" }, copy, page),
      status,
    );
    section.addEventListener("keydown", (event) => event.key === "Escape" && this.leave());
    this.parts.place.replaceChildren(section);
    heading.focus();
  }

  private leave(): void {
    history.pushState(null, "", location.pathname + location.search);
    this.followRoute();
    this.parts.box.querySelector("input")?.focus();
  }

  private async copy(id: string, status: HTMLElement): Promise<void> {
    const link = new URL(ROUTE + inPath(id), location.href).href;
    try {
      await navigator.clipboard.writeText(link);
      status.textContent = this.say("copied");
    } catch {
      status.textContent = `${this.say("copy_by_hand")} ${link}`;
    }
  }

  // ---- people and the assistant ----

  private drawContact(): void {
    const { contact } = this.parts;
    contact.replaceChildren(
      element("span", {}, this.say("more")),
      button(this.say("chat"), { class: "yb-button yb-ask" }, () => this.ask(this.query)),
      element("a", { class: "yb-link", href: "tel:12393" }, this.say("call")),
      element("a", { class: "yb-link", href: pageOf(server, `/faq?language=${this.language}`) }, this.say("all")),
    );
    // Without the chat in the page there is nobody to hand over to.
    const ask = contact.querySelector<HTMLElement>(".yb-ask")!;
    ask.hidden = !customElements.get("yibao-chat");
    void customElements.whenDefined("yibao-chat").then(() => (ask.hidden = false));
  }

  private ask(question: string): void {
    const chat = document.querySelector<HTMLElement & { ask(question: string): void; open(): void }>("yibao-chat");
    if (question) chat?.ask(question);
    else chat?.open();
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function place(): void {
  if (document.querySelector("yibao-help")) return;
  const widget = document.createElement("yibao-help");
  Object.assign(widget.dataset, script?.dataset);
  if (script?.isConnected && document.body.contains(script)) script.after(widget);
  else document.body.prepend(widget);
}

if (!customElements.get("yibao-help")) {
  customElements.define("yibao-help", YibaoHelp);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
}
