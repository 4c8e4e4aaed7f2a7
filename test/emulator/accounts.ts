/** Who pays. Money is in roubles. */
export interface Account {
  readonly orgId: string;
  balance: number;
  /** What `?useWalletBalance=true` shows: the user's own wallet, which creates do not touch. */
  walletBalance: number;
  /** How far `balance` may go below zero. */
  creditLimit: number;
  /** Models that the organisation may not use: a create for one is answered with code 7. */
  forbidden: string[];
}

const DEFAULTS = { balance: 10_000, walletBalance: 250, creditLimit: 0 };

/** The keys that the service accepts. Tasks belong to the account, so they outlive a change of key. */
export class Accounts {
  readonly #byKey = new Map<string, Account>();

  add(key: string, about: Partial<Account> = {}): Account {
    const account = { orgId: `org-${this.#byKey.size + 1}`, forbidden: [], ...DEFAULTS, ...about };
    this.#byKey.set(key, account);
    return account;
  }

  get(key: string): Account | undefined {
    return this.#byKey.get(key);
  }

  /** From now on the account answers to `next` alone, as after a key was revoked and made anew. */
  changeKey(current: string, next: string): void {
    const account = this.#byKey.get(current);
    if (!account) {
      throw new Error('No account has this key.');
    }
    this.#byKey.delete(current);
    this.#byKey.set(next, account);
  }

  remove(key: string): void {
    this.#byKey.delete(key);
  }
}

/** Whether `account` can pay `price` without leaving its credit. */
export function affords(account: Account, price: number): boolean {
  return account.balance - price >= -account.creditLimit;
}

/** Takes `price` from `account`, without the dust that binary fractions leave. */
export function charge(account: Account, price: number): void {
  account.balance = Math.round((account.balance - price) * 1e5) / 1e5;
}
