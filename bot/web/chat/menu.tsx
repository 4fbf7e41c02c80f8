/** The header's menu: the person's rights over the conversation, text size and language. */

import { useEffect, useRef, useState } from "react";
import type { Translate } from "../shared/i18n";
import type { WidgetProps } from "./widget";

type MenuProps = WidgetProps & { say: Translate; talking: boolean };

export function Menu({ conversation, language, theme, onTheme, onLanguage, say, talking }: MenuProps) {
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState<"erase" | "withdraw" | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (open) list.current?.querySelector("button")?.focus();
  }, [open, sure]);

  const close = () => {
    setOpen(false);
    setSure(null);
    opener.current?.focus();
  };
  const download = async (format: "json" | "text") => {
    const file = await conversation.export(format);
    if (!file) return;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = format === "json" ? "yibao.json" : "yibao.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const item = (label: string, act: () => void) => (
    <button type="button" className="yb-menu-item" onClick={act}>
      {label}
    </button>
  );
  const after = (act: () => void) => () => {
    act();
    close();
  };

  return (
    <div
      className="yb-menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        close();
      }}
      onBlur={(event) => {
        if (open && event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) {
          setOpen(false);
          setSure(null);
        }
      }}
    >
      <button
        ref={opener}
        type="button"
        className="yb-icon"
        aria-label={say("menu")}
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        <span aria-hidden="true">⋯</span>
      </button>
      {open && (
        <div className="yb-menu-list" ref={list}>
          {sure ? (
            <div role="group" aria-labelledby="sure">
              <p id="sure">{say(`${sure}_sure`)}</p>
              {item(
                say("sure_no"),
                after(() => undefined),
              )}
              {item(
                say("sure_yes"),
                after(() => void conversation.erase(sure === "erase" ? "deleted" : "withdrawn")),
              )}
            </div>
          ) : (
            <>
              {talking && item(say("export_text"), after(() => void download("text")))}
              {talking && item(say("export_json"), after(() => void download("json")))}
              {talking && item(say("erase"), () => setSure("erase"))}
              {talking && item(say("withdraw"), () => setSure("withdraw"))}
              {item(
                say(theme === "elder" ? "normal" : "larger"),
                after(() => onTheme(theme === "elder" ? "wechat" : "elder")),
              )}
              {item(
                say("language"),
                after(() => onLanguage(language === "en" ? "zh" : "en")),
              )}
            </>
          )}
        </div>
      )}
    </div>
  );
}
