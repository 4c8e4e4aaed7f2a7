// A process that wants the lease and says whether it has it: node <bundle> <directory>
import { systemClock } from '../../../src/tasks/clock';
import { processIdentity } from '../../../src/tasks/identity';
import { WorkerLease } from '../../../src/tasks/lease';

const lease = new WorkerLease({ directory: process.argv[2] ?? '', clock: systemClock, identity: processIdentity() });
lease.onDidChange((held) => process.stdout.write(held ? 'held\n' : 'lost\n'));
lease.want('work', true);
process.stdout.write('ready\n');
setInterval(() => undefined, 1_000);
