/**
 * Longer prompts are rejected instead of being paid for and cut. The service documents no limit; this one is assumed: the
 * maker of the model recommends at most 1,000 English words, about 6,000 characters.
 */
export const MAX_PROMPT_CHARS = 8_000;

export type PromptCheck =
  { ok: true; prompt: string } | { ok: false; reason: 'empty' | 'too-long'; /** In code points. */ length: number };

/** Returns the prompt to send for a text that the user selected or typed, or why there is none. */
export function checkPrompt(text: string): PromptCheck {
  // A selection may split a surrogate pair. Half of one is no valid text, and JSON would send it.
  const prompt = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '').trim();
  // Invisible characters alone are no prompt.
  if (!/[^\s\p{Cc}\p{Cf}]/u.test(prompt)) {
    return { ok: false, reason: 'empty', length: 0 };
  }
  const length = [...prompt].length;
  return length > MAX_PROMPT_CHARS ? { ok: false, reason: 'too-long', length } : { ok: true, prompt };
}
