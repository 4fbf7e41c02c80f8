/** The page of agent assist: log-in, the list of calls, one call's console, the supervisor's report. */

import replyStyle from "../shared/reply.css?inline";
import { button, element, styleSheet } from "../shared/dom";
import { chooseLanguage, translator, type Language } from "../shared/i18n";
import themeStyle from "../shared/theme.css?inline";
import "./assist.css";
import { Refusal, Server, type Call, type Running, type Session } from "./api";
import { Console } from "./console";
import { clock, words, type Context } from "./context";
import en from "./locales/en.json";
import zh from "./locales/zh.json";
import { Supervisor } from "./supervisor";

const LOOK_AGAIN = 3000; // milliseconds between two looks at the list of calls
const LANGUAGE = "yibao-assist-language"; // the one thing kept in the browser

class Page {
  private readonly context: Context;
  private readonly header = element("header", { class: "as-header" });
  private readonly live = element("p", { role: "status", class: "as-hidden" });
  private readonly body = element("div", { class: "as-body" });
  private session: Session | null = null;
  private leave = () => {};

  constructor(language: Language) {
    const say = translator({ en, zh }, language);
    const server = new Server(language, () => this.logIn(), say("failed"));
    const announce = (text: string) => {
      this.live.textContent = "";
      setTimeout(() => (this.live.textContent = text)); // the same words again are announced again
    };
    this.context = { server, say, language, announce };
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = say("title");
    document.body.replaceChildren(this.header, this.live, this.body);
  }

  async start(): Promise<void> {
    try {
      this.session = await this.context.server.session();
    } catch (error) {
      this.show(element("main", { class: "as-page" }, element("p", { role: "alert" }, words(error, this.context))));
      return;
    }
    await this.route();
  }

  /** Shows what the address asks for. */
  private async route(): Promise<void> {
    if (!this.session) return this.logIn();
    const call = new URLSearchParams(location.search).get("call");
    if (location.pathname.endsWith("/supervisor") && this.session.role === "supervisor") {
      this.show(new Supervisor(this.context).element);
    } else if (call) await this.open(call);
    else this.list();
  }

  private logIn(): void {
    const { say, server } = this.context;
    this.session = null;
    const name = element("input", { id: "as-name", class: "as-input", autocomplete: "username", required: true, maxlength: "64" });
    const password = element("input", {
      id: "as-password",
      class: "as-input",
      type: "password",
      autocomplete: "current-password",
      required: true,
      maxlength: "256",
    });
    const problem = element("p", { class: "as-problem", role: "alert" });
    const form = element(
      "form",
      { class: "as-login" },
      element("label", { for: "as-name" }, say("name")),
      name,
      element("label", { for: "as-password" }, say("password")),
      password,
      problem,
      element("button", { type: "submit", class: "yb-button yb-primary" }, say("login")),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      problem.textContent = "";
      server.logIn(name.value.trim(), password.value).then(
        (session) => {
          this.session = session;
          void this.route();
        },
        (error: unknown) => {
          problem.textContent = words(error, this.context);
          password.value = "";
          password.focus();
        },
      );
    });
    this.show(element("main", { class: "as-page" }, element("h1", {}, say("title")), form));
    name.focus();
  }

  private list(): void {
    const { say, server, language } = this.context;
    const list = element("ul", { class: "as-calls" });
    const empty = element("p", { class: "as-quiet" }, say("calls_none"));
    const problem = element("p", { class: "as-problem", role: "alert" });
    const fresh = button(say("new_call"), { class: "yb-button yb-primary" }, () => {
      server.post<{ call: string }>("calls", { language }).then(
        ({ call }) => this.go(`?call=${call}`),
        (error: unknown) => (problem.textContent = words(error, this.context)),
      );
    });
    this.show(element("main", { class: "as-page" }, element("h1", {}, say("calls")), fresh, problem, empty, list));
    let shown = "";
    const look = async () => {
      try {
        const { calls } = await server.get<{ calls: Running[] }>("calls");
        empty.hidden = calls.length > 0;
        if (JSON.stringify(calls) !== shown) list.replaceChildren(...calls.map((call) => this.line(call)));
        shown = JSON.stringify(calls);
        problem.textContent = "";
      } catch (error) {
        problem.textContent = words(error, this.context);
      }
    };
    void look();
    const looking = window.setInterval(() => void look(), LOOK_AGAIN);
    this.leave = () => clearInterval(looking);
  }

  private line({ call, agent, opened }: Running): HTMLElement {
    const { say, language } = this.context;
    const time = clock(opened, language);
    const key = agent === null ? "call_waiting" : agent === this.session?.name ? "call_mine" : "call_of";
    const text = say(key, { time, agent: agent ?? "" });
    const open = element("a", { class: "yb-link", href: `?call=${encodeURIComponent(call)}` }, say("open_call"), element("span", { class: "as-hidden" }, ` ${text}`));
    open.addEventListener("click", (event) => {
      event.preventDefault();
      this.go(`?call=${encodeURIComponent(call)}`);
    });
    return element("li", {}, text, " ", open);
  }

  private async open(name: string): Promise<void> {
    const { server } = this.context;
    const path = `calls/${encodeURIComponent(name)}`;
    try {
      if (this.session?.role === "agent") await server.post(`${path}/take`, {});
      const call = await server.get<Call>(path);
      const dropped = () => void server.get(path).catch(() => undefined); // the session may have ended
      const console = new Console(this.context, call, () => this.go("/assist"), dropped);
      this.show(console.element);
      this.leave = () => console.leave();
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return;
      this.list();
      this.context.announce(words(error, this.context));
    }
  }

  private go(address: string): void {
    history.pushState(null, "", new URL(address, location.href.split("?")[0]));
    void this.route();
  }

  /** The route again, for the browser's own back and forward. */
  back(): void {
    void this.route();
  }

  private show(content: HTMLElement): void {
    this.leave();
    this.leave = () => {};
    this.showHeader();
    this.body.replaceChildren(content);
  }

  private showHeader(): void {
    const { say, server, language } = this.context;
    const options: [Language, string][] = [
      ["en", "English"],
      ["zh", "中文"],
    ];
    const choice = element(
      "select",
      { class: "as-input", "aria-label": say("language") },
      ...options.map(([code, name]) => element("option", { value: code, lang: code, selected: code === language }, name)),
    );
    choice.addEventListener("change", () => {
      localStorage.setItem(LANGUAGE, choice.value);
      location.reload();
    });
    const away = button(say("logout"), { class: "yb-button" }, () => {
      void server.post("logout", {}).finally(() => location.assign("/assist"));
    });
    const links: [string, string][] = this.session?.role === "supervisor" ? [["/assist", "console"], ["/assist/supervisor", "supervisor"]] : [];
    const places = links.map(([address, name]) => {
      const here = location.pathname === address && "page";
      return element("a", { class: "yb-link", href: address, "aria-current": here }, say(name));
    });
    this.header.replaceChildren(
      element("span", { class: "as-brand" }, say("title")),
      element("nav", { "aria-label": say("title") }, ...places),
      element("span", { class: "as-actions" }, this.session ? element("span", {}, this.session.name) : "", choice, this.session ? away : ""),
    );
  }
}

document.adoptedStyleSheets = [styleSheet(themeStyle, replyStyle)];
document.body.classList.add("yb-root");
const page = new Page(chooseLanguage(localStorage.getItem(LANGUAGE) ?? navigator.language));
addEventListener("popstate", () => page.back());
void page.start();
