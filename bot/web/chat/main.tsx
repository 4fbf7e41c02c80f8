/**
 * `<yibao-chat>`: the chat widget, in a shadow root of its own.
 *
 * One script tag is enough: where the page has no such element, one is made from the tag's data attributes.
 *   data-lang en|zh, data-theme wechat|light|dark|elder, data-position left|right, data-open true|false
 * The element's methods are the JS API: open(), close(), ask(question), shutdown(). It sends `yibao-chat-ready`
 * when it stands in the page; nothing is added to the page's global names.
 */

import chatui from "@chatui/core/dist/index.css?inline";
import { createRoot, type Root } from "react-dom/client";
import { styleSheet } from "../shared/dom";
import { script, server } from "../shared/host";
import { chooseLanguage, type Language } from "../shared/i18n";
import reply from "../shared/reply.css?inline";
import tokens from "../shared/theme.css?inline";
import { Conversation } from "./conversation";
import styles from "./chat.css?inline";
import { Widget, type Theme } from "./widget";

const THEMES: readonly string[] = ["wechat", "light", "dark", "elder"];
const sheet = styleSheet(chatui, tokens, reply, styles);

class YibaoChat extends HTMLElement {
  static readonly observedAttributes = ["data-lang", "data-theme", "data-position", "data-open"];
  private root: Root | null = null;
  private readonly conversation = new Conversation(server, "en");

  connectedCallback(): void {
    if (!this.root) {
      const shadow = this.attachShadow({ mode: "open" });
      shadow.adoptedStyleSheets = [sheet];
      const container = document.createElement("div");
      shadow.append(container);
      this.root = createRoot(container);
      void this.conversation.resume();
    }
    this.draw();
    this.riseAboveThePage();
    this.dispatchEvent(new CustomEvent("yibao-chat-ready", { bubbles: true }));
  }

  attributeChangedCallback(): void {
    this.draw();
  }

  /** Show the chat. */
  open(): void {
    this.dataset["open"] = "true";
  }

  /** Hide the chat; the conversation goes on. */
  close(): void {
    this.dataset["open"] = "false";
  }

  /** Show the chat and say something; before the person has agreed, it waits for that. */
  ask(question: string): void {
    this.open();
    this.conversation.send(question);
  }

  /** Hide the chat and forget the conversation on this computer. */
  shutdown(): void {
    this.close();
    this.conversation.forget();
  }

  /** In the top layer no transform, clipping or stacking of the page reaches the widget. */
  private riseAboveThePage(): void {
    if (!("popover" in this)) return; // browsers before 2024: a high z-index has to do
    this.popover = "manual";
    this.showPopover();
  }

  private draw(): void {
    if (!this.root) return;
    const language: Language = chooseLanguage(this.dataset["lang"]);
    const theme = this.dataset["theme"] ?? "";
    this.conversation.language = language;
    this.root.render(
      <Widget
        conversation={this.conversation}
        server={server}
        language={language}
        theme={THEMES.includes(theme) ? (theme as Theme) : "wechat"}
        position={this.dataset["position"] === "left" ? "left" : "right"}
        open={this.dataset["open"] === "true"}
        onOpen={(open) => (open ? this.open() : this.close())}
        onTheme={(chosen) => (this.dataset["theme"] = chosen)}
        onLanguage={(chosen) => (this.dataset["lang"] = chosen)}
      />,
    );
  }
}

function place(): void {
  if (document.querySelector("yibao-chat")) return;
  const widget = document.createElement("yibao-chat");
  Object.assign(widget.dataset, script?.dataset);
  document.body.append(widget);
}

if (!customElements.get("yibao-chat")) {
  customElements.define("yibao-chat", YibaoChat);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
  else place();
}
