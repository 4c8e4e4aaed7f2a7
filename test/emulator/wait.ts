/**
 * The timer functions as they were when the emulator was loaded. A test that installs a fake clock
 * in the same process must not freeze the sockets of the other side of the wire.
 */
const startTimer = globalThis.setTimeout;

/** Resolves after `ms` milliseconds of real time. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    startTimer(resolve, ms);
  });
}
