/** The wrap-up: a draft that the agent edits, in a dialog of its own. */

import { button, element } from "../shared/dom";
import { words, type Context } from "./context";

/** Opens the wrap-up of a call; `onSaved` is called when it is stored and the call has ended. */
export async function openWrapUp(context: Context, call: string, onSaved: () => void): Promise<void> {
  const { say, server } = context;
  const text = element("textarea", { id: "as-wrap-up", rows: "14", maxlength: "8000", "aria-labelledby": "as-wrap-up-title", "aria-describedby": "as-wrap-up-hint" });
  const problem = element("p", { class: "as-problem", role: "alert" });
  const dialog = element(
    "dialog",
    { class: "as-dialog", "aria-labelledby": "as-wrap-up-title" },
    element("h2", { id: "as-wrap-up-title" }, say("wrap_up")),
    text,
    element("p", { id: "as-wrap-up-hint", class: "as-quiet" }, say("wrap_up_hint")),
    problem,
    element(
      "div",
      { class: "as-actions" },
      button(say("save"), { class: "yb-button yb-primary" }, () => void save()),
      button(say("cancel"), { class: "yb-button" }, () => dialog.close()),
    ),
  );
  const save = async () => {
    try {
      await server.post(`calls/${call}/wrap-up`, { text: text.value });
      dialog.close();
      context.announce(say("saved"));
      onSaved();
    } catch (error) {
      problem.textContent = words(error, context);
    }
  };
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  text.focus();
  try {
    text.value = (await server.get<{ text: string }>(`calls/${call}/wrap-up`)).text;
  } catch (error) {
    problem.textContent = words(error, context); // the agent can still write it by hand
  }
}
