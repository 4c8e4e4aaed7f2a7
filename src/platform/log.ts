import * as vscode from 'vscode';
import { Disposable } from '../common/events';
import { redact } from '../common/redact';

/** A key shorter than this would blank out innocent words of the log. */
const MIN_SECRET_CHARS = 6;

/** The output channel "Seedance". Levels are VS Code's; every line is redacted before it gets there. */
export class Log extends Disposable {
  readonly #channel: vscode.LogOutputChannel;
  readonly #secrets = new Set<string>();

  constructor() {
    super();
    this.#channel = this._register(vscode.window.createOutputChannel('Seedance', { log: true }));
  }

  /** From now on this text is hidden in every line. */
  addSecret(secret: string): void {
    if (secret.length >= MIN_SECRET_CHARS) {
      this.#secrets.add(secret);
    }
  }

  trace(message: string): void {
    this.#channel.trace(this.#clean(message));
  }

  debug(message: string): void {
    this.#channel.debug(this.#clean(message));
  }

  info(message: string): void {
    this.#channel.info(this.#clean(message));
  }

  warn(message: string): void {
    this.#channel.warn(this.#clean(message));
  }

  error(message: string, error?: unknown): void {
    this.#channel.error(this.#clean(error === undefined ? message : `${message}: ${inFull(error)}`));
  }

  show(): void {
    this.#channel.show();
  }

  #clean(message: string): string {
    return redact(message, this.#secrets);
  }
}

function inFull(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause === undefined ? '' : `\ncaused by ${inFull(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
