/** What every part of the console has at hand. */

import type { Language, Translate } from "../shared/i18n";
import { Refusal, type Server } from "./api";

export interface Context {
  server: Server;
  say: Translate;
  language: Language;
  /** Says something to users of screen readers, politely; the focus stays where it is. */
  announce(text: string): void;
}

/** The words of an error for a user. */
export function words(error: unknown, { say }: Context): string {
  return error instanceof Refusal ? error.message : say("failed");
}

/** Hours and minutes of a moment (seconds since 1970). */
export function clock(seconds: number, language: Language): string {
  return new Date(seconds * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
}

/** Puts a text on the clipboard and says whether that worked. */
export async function copy(text: string, { announce, say }: Context): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    announce(say("copied"));
    return true;
  } catch {
    announce(say("copy_failed"));
    return false;
  }
}
