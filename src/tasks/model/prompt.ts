/**
 * Longer prompts are answered here instead of being paid for and cut. The service documents no limit
 * (assumed): the model's maker recommends at most 1,000 English words, some 6,000 characters.
 */
export const MAX_PROMPT_CHARS = 8_000;

export type PromptCheck =
  | { ok: true; prompt: string }
  | { ok: false; reason: 'empty' | 'too-long'; /** In characters as people count them. */ length: number };

/** What will be sent for a text that a user selected or typed. */
export function checkPrompt(text: string): PromptCheck {
  // A selection may split a surrogate pair; half of one is no text and JSON would carry it along.
  const prompt = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '').trim();
  // Invisible characters alone are no prompt either.
  if (!/[^\s\p{Cc}\p{Cf}]/u.test(prompt)) {
    return { ok: false, reason: 'empty', length: 0 };
  }
  const length = [...prompt].length;
  return length > MAX_PROMPT_CHARS ? { ok: false, reason: 'too-long', length } : { ok: true, prompt };
}
