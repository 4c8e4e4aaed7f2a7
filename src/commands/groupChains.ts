import type { Rooms } from './rooms';

export async function run(rooms: Rooms): Promise<void> {
  await rooms.tree.groupChains(true);
}
