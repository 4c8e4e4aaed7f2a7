/**
 * Lets Ctrl-C and a time limit end this process in good order: Node runs no exit hooks when a signal kills
 * it, and then a VS Code server and its temporary folder would stay behind.
 */
export function exitOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
}
