/** Whether a text can travel as a header at all: visible ASCII. The key's shape is not checked, since it varies. */
export function isSendableKey(key: string): boolean {
  return /^[\x21-\x7e]{1,4096}$/.test(key);
}
