/** How words are looked for in texts: the same in “Find video…” and in the gallery. */

/** Upper case and lower case are the same, and so are ё and е, however they are encoded. */
export function fold(text: string): string {
  return text.normalize('NFC').toLowerCase().replaceAll('ё', 'е');
}

/** The words of a query. Each must be found. */
export function getWords(query: string): string[] {
  return fold(query).split(/\s+/).filter(Boolean);
}
