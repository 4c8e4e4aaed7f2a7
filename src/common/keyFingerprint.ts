import { createHash } from 'node:crypto';

/**
 * Names the key that made a task without revealing it: 32 bits of a hash. Enough to tell a user's few
 * keys apart, and far too little to find a long random key by.
 */
export function getKeyFingerprint(key: string): string {
  return createHash('sha256').update('seedance account\0').update(key).digest('hex').slice(0, 8);
}
