/** One revision of one record, as the name of its file says. */
export interface Revision {
  id: string;
  revision: number;
}

const FILE_NAME = /^([a-z0-9]{1,64})\.(\d{1,15})\.json$/;

/** How many attempts before an unexpected state of the directory is believed. */
export const MAX_ATTEMPTS = 4;

/** Skips names of other files. */
export function parseFileNames(names: readonly string[]): Revision[] {
  return names.flatMap((name) => {
    const match = FILE_NAME.exec(name);
    return match ? [{ id: match[1]!, revision: Number(match[2]) }] : [];
  });
}
