/** Idle costs nothing: the core by itself, in a window whose tasks are all over, for a minute of real time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock, type Clock } from '../../src/common/clock';
import { ExpiryMonitor } from '../../src/tasks/worker/expiryMonitor';
import { FakeCredentials, TestWindow } from '../support/testWindow';
import { pastRecord } from './longHistory';
import type { Figure } from './report';

const claim = 'idle costs nothing';
const MINUTE_MS = 60_000;
/** What loading leaves to be done. */
const CALM_MS = 1_000;

export async function idleCore(): Promise<Figure[]> {
  const directory = await mkdtemp(path.join(tmpdir(), 'seedance-bench-'));
  let timers = 0;
  let requests = 0;
  const clock: Clock = {
    ...systemClock,
    setTimeout: (callback, ms) => (timers++, systemClock.setTimeout(callback, ms)),
  };
  const refuse = () => {
    requests++;
    return Promise.reject(new Error('nobody should ask'));
  };
  const window = new TestWindow({
    directory,
    clock,
    random: Math.random,
    identity: { name: 'bench', isPossiblyAlive: () => true },
    apiClient: { create: refuse, result: refuse, models: refuse, balance: refuse },
    fetch: refuse,
    credentials: new FakeCredentials('shds-bench'),
  });
  const expiry = new ExpiryMonitor(window.store, clock);
  try {
    await window.open();
    for (let n = 0; n < 20; n++) await window.store.create(pastRecord(n));
    await sleep(CALM_MS);
    [timers, requests] = [0, 0];
    await sleep(MINUTE_MS);
    return [
      { claim, what: 'core: timers set in 60 s', value: timers, unit: '', limit: { atMost: 0 } },
      { claim, what: 'core: requests in 60 s', value: requests, unit: '', limit: { atMost: 0 } },
      {
        claim,
        what: 'core: timers that wait at the end',
        value: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
        unit: '',
        limit: { atMost: 0 },
      },
    ];
  } finally {
    expiry.dispose();
    window.close();
    await rm(directory, { recursive: true, force: true });
  }
}
