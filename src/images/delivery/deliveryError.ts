/** Why a delivery failed. User-facing text lives in `messages/imageErrors.ts`. */
export type DeliveryErrorKind =
  /** Settings or secrets are missing, or the secrets were entered for another address. */
  | 'not-set-up'
  /** The secret storage of the system does not give the secrets out, or take them, now. */
  | 'secret-unreadable'
  /** No connection, or no response in time. */
  | 'no-answer'
  | 'unknown-key'
  | 'wrong-secret'
  /** The keys are valid but lack a permission. */
  | 'denied'
  | 'no-bucket'
  | 'wrong-region'
  /** The clock of this computer differs too much for a signature to be valid. */
  | 'clock'
  /** The server redirects to another address. Neither image nor secret are sent there. */
  | 'redirected'
  /** Any other status; `code` and `message` come from the server. */
  | 'refused'
  | 'answer-too-long'
  /** A web page came instead of an answer of the upload: another address, a sign-in, a firewall. */
  | 'page-answer'
  /** The store wants the bucket in the name of the host, and it could not be reached there. */
  | 'bucket-in-host'
  /** Temporary keys that need their session token. */
  | 'needs-token'
  /** Temporary keys whose time is over. */
  | 'expired-keys'
  /** The upload succeeded, but the response has no link. */
  | 'no-link'
  /** The link leads to this computer or its network, which the service cannot reach. */
  | 'private-address'
  /** Read without credentials, as the service does it, the link gives no image. */
  | 'unreadable-link'
  /** The link gives another image than the one that was uploaded. */
  | 'other-image';

/** Details of a delivery error, for its message. */
export interface DeliveryErrorFacts {
  host?: string;
  status?: number;
  code?: string | undefined;
  /** Untrusted text: escape it before showing it. */
  message?: string | undefined;
  /** Region of the bucket, if the server named it. */
  region?: string | undefined;
  cause?: unknown;
}

/** Thrown before anything is sent to the API, so nothing was charged. */
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
