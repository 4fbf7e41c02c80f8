/** The demo site's own script: language and appearance of the page and of the widgets that it embeds. */

import "./demo.css";
import { TabStorage } from "../shared/host";
import { chooseLanguage, translator, type Language } from "../shared/i18n";
import en from "./locales/en.json";
import zh from "./locales/zh.json";

const storage = new TabStorage("yibao.demo.");

function show(language: Language, theme: string): void {
  const say = translator({ en, zh }, language);
  document.documentElement.lang = language;
  document.documentElement.dataset["theme"] = theme;
  for (const one of document.querySelectorAll<HTMLElement>("[data-text]")) one.textContent = say(one.dataset["text"]!);
  for (const one of document.querySelectorAll("[data-label]")) {
    one.setAttribute("aria-label", say((one as HTMLElement).dataset["label"]!));
  }
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="/faq"]')) {
    link.search = `?language=${language}`;
  }
  for (const widget of document.querySelectorAll<HTMLElement>("yibao-help, yibao-chat")) {
    widget.dataset["lang"] = language;
    widget.dataset["theme"] = theme;
  }
}

const language = document.querySelector<HTMLSelectElement>("#language")!;
const theme = document.querySelector<HTMLSelectElement>("#theme")!;
const asked = new URLSearchParams(location.search).get("language") ?? storage.read<string>("language");
language.value = chooseLanguage(asked ?? navigator.language);
theme.value = storage.read<string>("theme") ?? "wechat";

function apply(): void {
  storage.write("language", language.value);
  storage.write("theme", theme.value);
  show(language.value as Language, theme.value);
}

language.addEventListener("change", apply);
theme.addEventListener("change", apply);
document.addEventListener("yibao-chat-ready", apply);
apply();
