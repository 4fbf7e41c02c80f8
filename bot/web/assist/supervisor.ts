/** The supervisor's page: what the console was good for, and what neither it nor the other surfaces could answer. */

import { element } from "../shared/dom";
import { REASONS, reasonInWords, type Reason } from "../shared/feedback";
import type { Report } from "./api";
import { words, type Context } from "./context";

const PERIODS = ["1", "7", "30"];

export class Supervisor {
  readonly element: HTMLElement;
  private readonly body = element("div", { "aria-live": "polite", "aria-busy": "true" });
  private readonly period: HTMLSelectElement;

  constructor(private readonly context: Context) {
    const { say } = context;
    const options = PERIODS.map((days) => element("option", { value: days, selected: days === "7" }, say(`days_${days}`)));
    this.period = element("select", { id: "as-days", class: "as-input" }, ...options);
    this.period.addEventListener("change", () => void this.load());
    this.element = element(
      "main",
      { class: "as-page" },
      element("h1", {}, say("report")),
      element("p", {}, element("label", { for: "as-days" }, say("days"), " "), this.period),
      this.body,
    );
    void this.load();
  }

  private async load(): Promise<void> {
    this.body.setAttribute("aria-busy", "true");
    try {
      this.show(await this.context.server.get<Report>(`report?days=${this.period.value}`));
    } catch (error) {
      this.body.replaceChildren(element("p", { class: "as-problem", role: "alert" }, words(error, this.context)));
    }
    this.body.setAttribute("aria-busy", "false");
  }

  private show(report: Report): void {
    const { say } = this.context;
    const { relevant, correct, useful } = report.votes;
    const time = (value: number | null) => (value === null ? say("nothing_yet") : say("milliseconds", { value: String(value) }));
    const share = report.share_with_card;
    const figures: [string, string][] = [
      ["figure_calls", String(report.calls)],
      ["figure_questions", String(report.questions)],
      ["figure_share", share === null ? say("nothing_yet") : `${Math.round(share * 100)} %`],
      ["figure_cards", String(report.cards)],
      ["figure_inserted", String(report.inserted)],
      ["figure_copied", String(report.copied)],
      ["figure_opened", String(report.opened)],
      ["figure_down", `${relevant.down} / ${correct.down} / ${useful.down}`],
      ["figure_p50", time(report.milliseconds.p50)],
      ["figure_p95", time(report.milliseconds.p95)],
    ];
    const list = figures.map(([name, value]) =>
      element("div", { "data-figure": name }, element("dt", {}, say(name)), element("dd", {}, value)),
    );
    const topics = report.topics.map(({ title, shown, inserted, down }) => [title, shown, inserted, down]);
    const open = report.unanswered.map(({ text, why, times }) => [text, say(`why_${why}`), times]);
    const { surfaces } = report;
    const openElsewhere = surfaces.unanswered.map(({ text, channel, times }) => [text, say(`channel_${channel}`), times]);
    const votes = surfaces.votes.map((vote) => [vote.title, say(`channel_${vote.channel}`), vote.up, vote.down, this.reasons(vote.reasons)]);
    this.body.replaceChildren(
      element("dl", { class: "as-figures" }, ...list),
      this.table("by_topic", ["column_topic", "column_shown", "column_inserted", "column_down"], topics),
      this.table("unanswered", ["column_question", "column_why", "column_times"], open),
      this.table("unanswered_elsewhere", ["column_question", "column_channel", "column_times"], openElsewhere),
      this.table("votes", ["column_answer", "column_channel", "column_up", "column_down", "column_why"], votes),
    );
  }

  private reasons(counts: Partial<Record<Reason, number>>): string {
    const given = REASONS.filter((reason) => counts[reason]);
    return given.map((reason) => `${reasonInWords(reason, this.context.language)} (${counts[reason]})`).join(", ");
  }

  private table(title: string, columns: string[], rows: (string | number)[][]): HTMLElement {
    const { say } = this.context;
    const heading = element("h2", { id: `as-${title}` }, say(title));
    if (!rows.length) return element("section", {}, heading, element("p", { class: "as-quiet" }, say("unanswered_none")));
    const head = element("tr", {}, ...columns.map((column) => element("th", { scope: "col" }, say(column))));
    const body = rows.map((row) => element("tr", {}, ...row.map((cell) => element("td", {}, String(cell)))));
    const table = element("table", { "aria-labelledby": heading.id }, element("thead", {}, head), element("tbody", {}, ...body));
    return element("section", { class: "as-table" }, heading, table);
  }
}
