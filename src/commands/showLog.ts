import type { Rooms } from './rooms';

export function run(rooms: Rooms): Promise<void> {
  rooms.log.show();
  return Promise.resolve();
}
