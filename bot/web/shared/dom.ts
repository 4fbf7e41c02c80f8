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

/** A small picture drawn in the colour of the text; it says nothing to a screen reader. */
export function icon(path: string): SVGSVGElement {
  const namespace = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(namespace, "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", class: "yb-picture", "aria-hidden": "true" })) {
    picture.setAttribute(name, value);
  }
  const line = document.createElementNS(namespace, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

export const THUMB_UP =
  "M2 10h4v11H2zM8 21h9c1 0 2-.7 2.3-1.6l2.5-7C22.4 10.700 21.200 9 19.500 9H14l1-4.500C15.300 3 14.200 2 13 2L8 9z";
export const THUMB_DOWN =
  "M22 14h-4V3h4zM16 3H7c-1 0-2 .7-2.3 1.6l-2.5 7C1.6 13.300 2.800 15 4.500 15H10l-1 4.500C8.700 21 9.800 22 11 22l5-7z";
export const SPEECH = "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-6 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z";
