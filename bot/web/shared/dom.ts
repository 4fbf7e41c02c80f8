/** Making elements: every text becomes a text node, so that no data is ever read as HTML. */

export type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | boolean | null | undefined>;

/** An element with attributes and children; `false`, `null` and `undefined` are left out. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** A button that does something. */
export function button(label: string, attributes: Attributes, onClick: (event: MouseEvent) => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", onClick);
  return made;
}

/** A style sheet for a shadow root; constructed sheets need no exception in a strict content security policy. */
export function styleSheet(...css: string[]): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css.join("\n"));
  return sheet;
}
