/** Jobs that have to wait for one another. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Begins when all jobs before have ended, however they ended. */
  next<T>(job: () => Promise<T>): Promise<T> {
    const result = this.#last.then(job);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
