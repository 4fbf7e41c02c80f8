/** Prints one element of a widget alone: neither the page around it nor a window that could be blocked. */

import { element, styleSheet } from "./dom";
import replyStyles from "./reply.css?inline";
import themeStyles from "./theme.css?inline";

const PAGE = `
@media print { body > :not(.yibao-print) { display: none !important; } }
@media screen { .yibao-print { display: none !important; } }
`;
const PAPER = `
:host { all: initial !important; display: block !important; }
button { display: none; }
.yb-item input { width: 16px; height: 16px; }
`;

export function printAlone(content: HTMLElement, title: string): void {
  const host = element("div", { class: "yibao-print" });
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [styleSheet(themeStyles, replyStyles, PAPER)];
  root.append(element("div", { class: "yb-root" }, element("h1", {}, title), content.cloneNode(true)));
  const page = styleSheet(PAGE);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, page];
  document.body.append(host);
  window.print();
  // Browsers that print later (on phones) take their copy when print() returns.
  host.remove();
  document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== page);
}
