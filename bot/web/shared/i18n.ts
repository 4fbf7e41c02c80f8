/** Interface texts: JSON files per language, with `{name}` for what is filled in. */

export type Language = "en" | "zh";
export type Catalogue = Record<string, string>;
export type Translate = (key: string, values?: Record<string, string>) => string;

/** The language of an interface: what is asked for, else the page's, else the browser's, else English. */
export function chooseLanguage(asked: string | null | undefined): Language {
  const wishes = [asked, document.documentElement.lang, ...navigator.languages];
  for (const wish of wishes) {
    const language = wish?.toLowerCase().split("-")[0];
    if (language === "en" || language === "zh") return language;
  }
  return "en";
}

/** Looks texts up; a key that a language lacks is an error of the build (see the tests), not of the visitor. */
export function translator(catalogues: Record<Language, Catalogue>, language: Language): Translate {
  const texts = catalogues[language];
  return (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), texts[key] ?? key);
}
