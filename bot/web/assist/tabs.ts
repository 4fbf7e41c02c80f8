/** On narrow screens one part at a time, chosen by tabs; on wide ones all parts side by side. */

import { button, element } from "../shared/dom";

const narrow = matchMedia("(max-width: 719px)");
const SUGGESTIONS = 1; // what an agent in a side bar needs first

export class Tabs {
  readonly element = element("div", { role: "tablist", class: "as-tabs" });
  private readonly tabs: HTMLButtonElement[];
  private at = SUGGESTIONS;

  constructor(private readonly parts: { name: string; panels: HTMLElement[] }[]) {
    this.tabs = parts.map(({ name, panels }, place) => {
      panels.forEach((panel, number) => (panel.id ||= `as-panel-${place}-${number}`));
      const attributes = { role: "tab", class: "as-tab", id: `as-tab-${place}`, "aria-controls": panels.map(({ id }) => id).join(" ") };
      return button(name, attributes, () => this.show(place));
    });
    this.element.append(...this.tabs);
    this.element.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by || event.altKey) return;
      this.show((this.at + by + this.tabs.length) % this.tabs.length);
      this.tabs[this.at]?.focus();
    });
    if (innerWidth > 400) this.at = 0;
    narrow.addEventListener("change", () => this.apply());
    this.apply();
  }

  show(place: number): void {
    this.at = place;
    this.apply();
  }

  private apply(): void {
    this.element.hidden = !narrow.matches;
    this.tabs.forEach((tab, place) => {
      const chosen = place === this.at;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      for (const panel of this.parts[place]?.panels ?? []) panel.classList.toggle("as-away", narrow.matches && !chosen);
    });
  }
}
