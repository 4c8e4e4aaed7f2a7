import { sha256Hex } from './sha256';

/**
 * Identifies the key that created a task without revealing it: 32 bits of a hash. Enough to tell a user's few
 * keys apart, and far too little to find a long random key.
 */
export function getKeyFingerprint(key: string): string {
  return sha256Hex(`seedance account\0${key}`).slice(0, 8);
}
