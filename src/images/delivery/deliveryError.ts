/** Why an image did not get to where the service can read it. The words are made in `platform/deliveryText.ts`. */
export type DeliveryErrorKind =
  /** Nobody has said yet where to, or the keys were forgotten, or were given for another address. */
  | 'not-set-up'
  /** No connection, or no answer in time. */
  | 'no-answer'
  | 'unknown-key'
  | 'wrong-secret'
  /** The keys are right and may not do this. */
  | 'denied'
  | 'no-bucket'
  | 'wrong-region'
  /** This computer's clock is too far off for a signature to hold. */
  | 'clock'
  /** To another address, where neither image nor secret are sent. */
  | 'redirected'
  /** Any other status; `code` and `message` are the server's words. */
  | 'refused'
  | 'answer-too-long'
  /** An upload that went well, and an answer without a link to it. */
  | 'no-link'
  /** A link to this computer or its network: the service is elsewhere. */
  | 'private-address'
  /** Without credentials, as the service asks, the link gives no image. */
  | 'unreadable-link'
  /** What the link gives is not what was uploaded. */
  | 'other-image';

export interface DeliveryErrorFacts {
  host?: string;
  status?: number;
  code?: string | undefined;
  /** Hostile until shown as text. */
  message?: string | undefined;
  /** Where the bucket is, if its server told. */
  region?: string | undefined;
  cause?: unknown;
}

/** Nothing has been sent to the service when it is thrown, so nothing was charged. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';

  constructor(
    readonly kind: DeliveryErrorKind,
    readonly facts: DeliveryErrorFacts = {},
  ) {
    const { host, status, code } = facts;
    const details = [host, status, code].filter((fact) => fact !== undefined).join(' ');
    super(
      `first frame not delivered: ${kind} ${details}`.trimEnd(),
      facts.cause === undefined ? undefined : { cause: facts.cause },
    );
  }
}
