import type { Rooms } from './rooms';
import { taskOf } from './taskArgument';

/** Shows a task in every state: what is not yet a video is shown as what it is. */
export async function run(rooms: Rooms, argument: unknown): Promise<void> {
  await rooms.preview.show((await taskOf(rooms, argument)).id);
}
