const MB = 1024 ** 2;
/** How much may have passed before it is worth to clean up. A clean-up takes half a millisecond (seen). */
const WORTH_A_CLEANING_BYTES = 2 * MB;
/** A little less than V8 waits for. */
const BALLAST_BYTES = 31 * MB;
/** There the memory of buffers is V8's own, and wiped before it is handed out (from V8's source): then ballast weighs. */
const IS_BALLAST_LIGHT = !('electron' in process.versions);

/**
 * Keeps a large download from filling the memory with buffers that nobody needs any more.
 *
 * Node reads every packet into a new buffer. V8 throws the young ones away together, when there are 32 MB of them,
 * which is twice the room of its young objects; so whoever reads fast grows by as much. It goes by the length of buffers,
 * though, and one that is never written to takes no memory. So after some MB such a one makes up the difference.
 */
export class YoungBuffers {
  #passed = 0;

  /** Says that a buffer of so many bytes is not needed any more. */
  passed(bytes: number): void {
    this.#passed += bytes;
    if (this.#passed >= WORTH_A_CLEANING_BYTES && IS_BALLAST_LIGHT) {
      this.#passed = 0;
      try {
        Buffer.allocUnsafeSlow(BALLAST_BYTES);
      } catch {
        // No room even for that. What there is of memory is V8's to find, when it needs some.
      }
    }
  }
}
