/** "Did this help?" with a reason, as every surface asks it. */

import { button, element, icon, THUMB_DOWN, THUMB_UP } from "./dom";
import { translator, type Language } from "./i18n";
import en from "./locales/en.json";
import zh from "./locales/zh.json";

export const REASONS = ["not_relevant", "unclear", "wrong_place", "outdated", "wrong", "other"] as const;
export type Reason = (typeof REASONS)[number];
export type Verdict = "up" | "down";

/** A reason in words, as it was offered. */
export function reasonInWords(reason: Reason, language: Language): string {
  return translator({ en, zh }, language)(`reason_${reason}`);
}

/** Thumbs; a thumb down asks for the reason first. `send` resolves once the server has it. */
export function renderFeedback(
  language: Language,
  send: (verdict: Verdict, reason: Reason | null) => Promise<void>,
): HTMLElement {
  const say = translator({ en, zh }, language);
  const question = element("span", { class: "yb-helped" }, say("helped"));
  const status = element("span", { role: "status", class: "yb-status" });
  const choices = element("span", { class: "yb-choices" });
  const body = element("div", { class: "yb-feedback", role: "group", "aria-label": say("helped") });
  const finish = async (verdict: Verdict, reason: Reason | null) => {
    try {
      await send(verdict, reason);
      question.remove();
      choices.remove();
      status.textContent = say("thanks");
    } catch {
      status.textContent = say("feedback_failed");
    }
  };
  const ask = () => {
    question.textContent = say("why");
    const reasons = REASONS.map((reason) =>
      button(reasonInWords(reason, language), { class: "yb-button" }, () => void finish("down", reason)),
    );
    choices.replaceChildren(...reasons);
    reasons[0]?.focus();
  };
  const up = button(say("yes"), { class: "yb-button" }, () => void finish("up", null));
  const down = button(say("no"), { class: "yb-button" }, ask);
  up.prepend(icon(THUMB_UP));
  down.prepend(icon(THUMB_DOWN));
  choices.append(up, down);
  body.append(question, choices, status);
  return body;
}
