import { jsonAnswer, type Answer } from './answer';
import { answerFile } from './files';
import type { Entry } from './ledger';
import type { EmulatorState } from './emulatorState';

/**
 * The server that a redirect may lead to. For files it is a second store, as behind a CDN; to API
 * calls it answers like the service and takes whatever it is given, as a thief of keys would.
 */
export async function answerStranger(world: EmulatorState, entry: Entry): Promise<Answer> {
  return entry.route === 'file'
    ? answerFile(world, entry)
    : jsonAnswer(200, { code: 0, id: 'f'.repeat(24), status: 'idle', url: null, created_at: 0 });
}
