// Adds places to one record, in competition with other processes: node <bundle> <directory> <id> <name> <how many>
import { systemClock } from '../../src/common/clock';
import { TaskStore } from '../../src/tasks/storage/taskStore';
import { withSavedLocation } from '../../src/tasks/model/transitions';

const [directory = '', id = '', name = '', count = '0'] = process.argv.slice(2);
const store = new TaskStore({ directory, clock: systemClock, random: Math.random });
// Timers of the store keep no process alive.
setInterval(() => undefined, 1_000);
await store.load();
let seen = 0;
store.onDidChange((changes) => {
  seen += changes.length;
});
for (let n = 0; n < Number(count); n++) {
  await store.update(id, withSavedLocation(`file:///${name}/${n}`, n));
}
process.stdout.write(JSON.stringify({ places: store.get(id)?.saved.length, seen }));
process.exit();
