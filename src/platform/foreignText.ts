/**
 * Text from outside (prompts, file names, the service's words) in places of VS Code that read some characters
 * as more than text.
 */

/** In a notification `[label](command:…)` becomes a link that runs a command. Also one line, and not endless. */
export function inMessage(text: string, maxChars = 300): string {
  return oneLine(text, maxChars).replaceAll('](', '] (');
}

/** In a quick pick and in the status bar `$(name)` becomes an icon. */
export function inLabel(text: string, maxChars = 120): string {
  return oneLine(text, maxChars).replaceAll('$(', '\\$(');
}

/** For what is kept, and is made fit for its place where it is shown. */
export function oneLine(text: string, maxChars: number): string {
  // Cut first: a label does not go through a prompt of 8,000 characters.
  const line = text
    .slice(0, maxChars * 4)
    .replace(/[\s\p{Z}\p{Cc}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim();
  const chars = [...line];
  return chars.length > maxChars ? `${chars.slice(0, maxChars).join('').trimEnd()}…` : line;
}
