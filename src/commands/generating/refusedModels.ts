import { readRefusalList, type ModelInfo } from '../../gateway/catalogue';
import type { GatewayError } from '../../gateway/errors';
import type { Rooms } from '../rooms';

/**
 * The models that the service named when it refused one, by task. For this session: a record keeps only the
 * beginning of the list, and tomorrow's catalogue is the better one anyway.
 */
const named = new Map<string, readonly ModelInfo[]>();

/** Keeps the list of a refusal, if there is one in it. */
export function rememberRefusal(rooms: Pick<Rooms, 'catalogue'>, id: string, error: GatewayError): void {
  const expected = error.issues.find(({ path }) => path === 'model')?.expected;
  const models = expected === undefined ? [] : readRefusalList(expected, (model) => rooms.catalogue.priceOf(model));
  // One name is no choice, but the word for a type, such as `string`.
  if (models.length > 1) {
    named.set(id, models);
  }
}

export function namedInstead(id: string): readonly ModelInfo[] | undefined {
  return named.get(id);
}
