/** The Reply contract (knowledge/reply.py), and the one way in which every surface shows it. */

import { element, button, type Child } from "./dom";
import { pageOf } from "./host";
import { translator, type Language, type Translate } from "./i18n";
import en from "./locales/en.json";
import zh from "./locales/zh.json";

export interface Citation {
  id: string;
  kind: "source" | "law";
  title: string;
  article: string | null;
  quote: string;
  valid_from: string | null;
}

export interface ReplyBlock {
  kind: "paragraph" | "steps" | "documents" | "notice";
  text: string;
  items: string[];
  citations: string[];
}

export type Needed = "yes" | "no" | "if_applicable";

export interface ReplyItem {
  id: string;
  text: string;
  needed: Needed;
  why: string;
  citations: string[];
}

export interface ReplyChecklist {
  id: string;
  person: string;
  items: ReplyItem[];
  missing: string[];
}

export interface Suggestion {
  title: string;
  payload: string;
}

export interface Reply {
  type: "answer" | "checklist" | "question" | "clarify" | "refusal" | "smalltalk" | "handoff" | "error";
  topic: string;
  language: string;
  text: string;
  blocks: ReplyBlock[];
  citations: Citation[];
  confidence: { score: number; level: "high" | "medium" | "low" };
  checklist: ReplyChecklist | null;
  asks: string | null;
  suggestions: Suggestion[];
  knowledge_revision: string;
}

/** Which papers are ticked, kept by whoever shows the checklist. */
export interface Ticks {
  has(item: string): boolean;
  set(item: string, ticked: boolean): void;
}

export interface ReplyOptions {
  /** Language of the labels; the reply carries its own. */
  language: Language;
  /** Address of the server that has the pages of the law, without a slash at the end; "" for this one. */
  server: string;
  ticks?: Ticks;
  /** Prints the papers; without it there is no button for it. */
  onPrint?: (checklist: HTMLElement) => void;
  /** Called for a button of the reply; without it the buttons are left out (the chat has its own row of them). */
  onSuggestion?: (suggestion: Suggestion) => void;
}

const FEW = 3; // sources that are listed without being asked for

/** A reply as elements: blocks, or the checklist in their place, then the sources, folded. */
export function renderReply(reply: Reply, options: ReplyOptions): HTMLElement {
  const say = translator({ en, zh }, options.language);
  const sources = new Sources(reply.citations, say, options);
  const body = element("div", { class: "yb-reply", lang: reply.language, "data-type": reply.type });
  if (reply.blocks.length === 0) body.append(...lines(reply.text));
  let listed = false;
  for (const block of reply.blocks) {
    if (block.kind === "documents" && reply.checklist) {
      // The checklist says the same with a box to tick and the reason for every paper.
      if (!listed) body.append(renderChecklist(reply.checklist, sources, say, options));
      listed = true;
    } else {
      body.append(renderBlock(block, sources));
    }
  }
  // A checklist that names no papers is not for this person.
  if (reply.checklist && reply.type !== "checklist" && !listed) body.append(renderChecklist(reply.checklist, sources, say, options));
  if (reply.citations.length > 0) body.append(sources.list);
  if (options.onSuggestion && reply.suggestions.length > 0) {
    body.append(renderSuggestions(reply.suggestions, options.onSuggestion));
  }
  return body;
}

/** What a source is called: a law with its article, or the page. */
function title(citation: Citation, say: Translate): string {
  if (citation.kind === "source") {
    const passage = /#p(\d+)$/.exec(citation.id)?.[1];
    return say(passage ? "source_passage" : "source_page", { title: citation.title, passage: passage ?? "" });
  }
  if (!citation.article) return say("law", { title: citation.title });
  return say("law_article", { title: citation.title, article: citation.article });
}

function lines(text: string): HTMLElement[] {
  return text.split("\n").map((line) => element("p", {}, line));
}

function renderBlock(block: ReplyBlock, sources: Sources): HTMLElement {
  const references = sources.references(block.citations);
  if (block.kind === "paragraph") return element("p", {}, block.text, ...references);
  if (block.kind === "notice") return element("p", { class: "yb-notice" }, block.text, ...references);
  const list = block.kind === "steps" ? element("ol") : element("ul");
  list.append(...block.items.map((item) => element("li", {}, item)));
  return element("div", { class: `yb-${block.kind}` }, element("p", {}, block.text, ...references), list);
}

function renderChecklist(
  checklist: ReplyChecklist,
  sources: Sources,
  say: Translate,
  { ticks, onPrint }: ReplyOptions,
): HTMLElement {
  const body = element("div", { class: "yb-checklist", role: "group", "aria-label": say("checklist") });
  const groups: [Needed, string][] = [
    ["yes", say("needed")],
    ["if_applicable", say("if_applicable")],
  ];
  for (const [needed, heading] of groups) {
    const items = checklist.items.filter((item) => item.needed === needed);
    if (items.length === 0) continue;
    const list = element("ul", {}, ...items.map((item) => element("li", {}, tickable(item, sources, ticks))));
    body.append(element("p", { class: "yb-heading" }, heading), list);
  }
  const others = checklist.items.filter((item) => item.needed === "no");
  if (others.length > 0) {
    const list = element("ul", {}, ...others.map((item) => element("li", {}, item.text, why(item))));
    body.append(element("details", { class: "yb-fold" }, element("summary", {}, say("not_needed")), list));
  }
  if (onPrint) body.append(button(say("print"), { class: "yb-button yb-print" }, () => onPrint(body)));
  return body;
}

function tickable(item: ReplyItem, sources: Sources, ticks?: Ticks): HTMLElement {
  const box = element("input", { type: "checkbox" });
  box.checked = ticks?.has(item.id) ?? false;
  box.addEventListener("change", () => ticks?.set(item.id, box.checked));
  const label = element("label", {}, box, element("span", {}, item.text));
  return element("div", { class: "yb-item" }, label, why(item, sources.references(item.citations)));
}

function why(item: ReplyItem, references: Child[] = []): Child {
  return item.why ? element("small", { class: "yb-why" }, item.why, ...references) : element("small", {}, ...references);
}

function renderSuggestions(suggestions: Suggestion[], onSuggestion: (suggestion: Suggestion) => void): HTMLElement {
  const row = element("div", { class: "yb-suggestions" });
  row.append(
    ...suggestions.map((one) => button(one.title, { class: "yb-button yb-suggestion" }, () => onSuggestion(one))),
  );
  return row;
}

/** The folded sources of a reply, and the small numbers in the text that open them. */
class Sources {
  readonly list: HTMLDetailsElement;
  private readonly entries = new Map<string, { number: number; name: string; details: HTMLDetailsElement }>();

  constructor(
    citations: Citation[],
    private readonly say: Translate,
    private readonly options: ReplyOptions,
  ) {
    const items = citations.map((citation, index) => {
      const name = title(citation, say);
      const details = element(
        "details",
        { class: "yb-citation", "data-citation": citation.id },
        element("summary", {}, `${index + 1}. ${name}`),
        element("blockquote", {}, citation.quote),
        citation.valid_from && element("p", { class: "yb-valid" }, say("valid_from", { day: citation.valid_from })),
        citation.kind === "law" && citation.article && this.link(citation),
      );
      this.entries.set(citation.id, { number: index + 1, name, details });
      return element("li", {}, details);
    });
    const summary = element("summary", {}, say("sources", { count: String(citations.length) }));
    this.list = element("details", { class: "yb-sources yb-fold" }, summary, element("ol", {}, ...items));
    this.list.open = citations.length <= FEW;
  }

  /** Buttons for these citations; one that the reply does not carry is left out. */
  references(ids: string[]): Child[] {
    return ids.flatMap((id) => {
      const entry = this.entries.get(id);
      if (!entry) return [];
      const label = this.say("open_source", { number: String(entry.number), name: entry.name });
      const open = () => {
        this.list.open = true;
        entry.details.open = true;
        entry.details.querySelector("summary")?.focus();
        entry.details.scrollIntoView({ block: "nearest" });
      };
      return [button(String(entry.number), { class: "yb-reference", "aria-label": label }, open)];
    });
  }

  private link(citation: Citation): HTMLElement {
    const path = citation.id.split(":").map(encodeURIComponent).join("/");
    const href = pageOf(this.options.server, `/law/${path}?language=${this.options.language}`);
    const attributes = { class: "yb-link", href, target: "_blank", rel: "noopener noreferrer" };
    return element("a", attributes, this.say("read_law"));
  }
}
