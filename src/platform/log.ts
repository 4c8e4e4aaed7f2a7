import * as vscode from 'vscode';
import { Disposable } from '../common/events';
import { redact } from '../common/redact';

/** Shorter secrets are not redacted, because they would match ordinary words of the log. */
const MIN_SECRET_CHARS = 6;

/** The output channel "Seedance", with the log levels of VS Code. Every line is redacted before it is written. */
export class Log extends Disposable {
  readonly #channel: vscode.LogOutputChannel;
  readonly #secrets = new Set<string>();

  constructor() {
    super();
    this.#channel = this._register(vscode.window.createOutputChannel('Seedance', { log: true }));
  }

  /** Redacts this text in every line from now on. */
  addSecret(secret: string): void {
    if (secret.length >= MIN_SECRET_CHARS) {
      this.#secrets.add(secret);
    }
  }

  trace(message: string): void {
    this.#channel.trace(this.clean(message));
  }

  debug(message: string): void {
    this.#channel.debug(this.clean(message));
  }

  info(message: string): void {
    this.#channel.info(this.clean(message));
  }

  warn(message: string): void {
    this.#channel.warn(this.clean(message));
  }

  error(message: string, error?: unknown): void {
    this.#channel.error(this.clean(error === undefined ? message : `${message}: ${formatError(error)}`));
  }

  show(): void {
    this.#channel.show();
  }

  /** Hides the secrets that are known here, and what looks like one. */
  clean(message: string): string {
    return redact(message, this.#secrets);
  }
}

function formatError(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause === undefined ? '' : `\ncaused by ${formatError(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
