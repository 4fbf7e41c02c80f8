/** What a widget knows of the page that it stands in: its own script, and storage that may be forbidden. */

/** The tag that loads this widget; only known while its script runs for the first time. */
export const script = document.currentScript as HTMLScriptElement | null;

/** Address of the server that the widget came from, without a slash at the end. */
export const server = script ? new URL(script.src, document.baseURI).origin : location.origin;

/** A page of the server by its path; whatever the path says, the address stays on that server. */
export function pageOf(host: string, path: string): string {
  const address = new URL(host || location.origin);
  const [before = "", anchor] = path.split("#");
  const [pathname = "", query] = before.split("?");
  address.pathname = pathname;
  if (query) address.search = query;
  if (anchor) address.hash = anchor;
  return address.href;
}

/** An id as a part of an address; colons may stand there as they are, and the ids of articles have one. */
export function inPath(id: string): string {
  return encodeURIComponent(id).replaceAll("%3A", ":");
}

/** Values of this tab that survive a reload; where the browser forbids storage they last as long as the page. */
export class TabStorage {
  private readonly memory = new Map<string, string>();

  constructor(private readonly prefix: string) {}

  read<Value>(name: string): Value | null {
    try {
      const text = sessionStorage.getItem(this.prefix + name) ?? this.memory.get(name);
      return text === undefined ? null : (JSON.parse(text) as Value);
    } catch {
      return null;
    }
  }

  write(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.memory.set(name, text);
    try {
      sessionStorage.setItem(this.prefix + name, text);
    } catch {
      // Forbidden or full: memory has it.
    }
  }

  clear(): void {
    this.memory.clear();
    try {
      for (const key of Object.keys(sessionStorage)) if (key.startsWith(this.prefix)) sessionStorage.removeItem(key);
    } catch {
      // Forbidden: there is nothing to clear.
    }
  }
}

/** Random and unique, also where the page is not served over TLS and crypto.randomUUID is missing. */
export function uniqueId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
