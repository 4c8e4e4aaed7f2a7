import type { Rooms } from './rooms';
import { saveAs } from './saving/saveAs';
import { tellSaved } from './saving/save';
import { taskOf } from './taskArgument';

export async function run(rooms: Rooms, argument: unknown): Promise<string | undefined> {
  const uri = await saveAs(rooms, await taskOf(rooms, argument));
  tellSaved(uri ? [uri] : []);
  return uri?.toString();
}
