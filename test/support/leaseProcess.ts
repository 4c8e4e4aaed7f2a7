// A process that wants the lease and says whether it has it: node <bundle> <directory>
import { systemClock } from '../../src/common/clock';
import { getProcessIdentity } from '../../src/tasks/worker/processIdentity';
import { WorkerLease } from '../../src/tasks/worker/workerLease';

const lease = new WorkerLease({ directory: process.argv[2] ?? '', clock: systemClock, identity: getProcessIdentity() });
lease.onDidChange((held) => process.stdout.write(held ? 'held\n' : 'lost\n'));
lease.setWorkPending('work', true);
process.stdout.write('ready\n');
setInterval(() => undefined, 1_000);
