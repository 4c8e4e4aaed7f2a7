import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Account } from './accounts';
import type { FaultSpec } from './faults';
import type { BehaviourPatch } from './options';
import type { EmulatorState } from './emulatorState';

/** What the control server can do to the emulator besides changing its world. */
export interface Controls {
  readonly about: Readonly<Record<'baseUrl' | 'filesUrl' | 'foreignUrl', string>>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

type Action = (body: unknown) => unknown;

/**
 * The emulator's own origin, for tests and tools that run in other processes. JSON in, JSON out:
 *
 * - `GET /` addresses, key, clock; `POST /stop`, `POST /start` an outage and its end
 * - `GET /ledger` `{entries, spent}`; `DELETE /ledger`
 * - `GET /faults`; `POST /faults` one spec or several, answers their numbers; `DELETE /faults`
 * - `GET /tasks`; `POST /tasks` `{id, fields?, fails?, durationMs?}` changes one
 * - `POST /clock/advance` `{ms}`; `POST /options` behaviour; `POST /key` `{key}`;
 *   `POST /account` changes of the first account
 */
export function control(world: EmulatorState, controls: Controls): RequestListener {
  const actions: Readonly<Record<string, Action>> = {
    'GET /': () => ({ ...controls.about, key: world.key, now: world.now() }),
    'POST /start': () => controls.start(),
    'POST /stop': () => controls.stop(),
    'GET /ledger': () => ({ entries: world.ledger.entries, spent: world.ledger.spent() }),
    'DELETE /ledger': () => world.ledger.clear(),
    'GET /faults': () => world.faults.list,
    'POST /faults': (body) => [body].flat().map((spec) => world.faults.add(spec as FaultSpec).id),
    'DELETE /faults': () => world.faults.clear(),
    'GET /tasks': () => world.tasks.all(),
    'POST /tasks': (body) => {
      const { id, ...changes } = body as TaskChange;
      return Object.assign(world.tasks.need(id), changes);
    },
    'POST /clock/advance': (body) => world.advance((body as { ms: number }).ms),
    'POST /options': (body) => void Object.assign(world.behaviour, body as BehaviourPatch),
    'POST /key': (body) => world.setKey((body as { key: string }).key),
    'POST /account': (body) => Object.assign(world.account, body as Partial<Account>),
  };
  return (req, res) => {
    void serve(actions[`${req.method} ${req.url}`], req, res);
  };
}

/** What `POST /tasks` takes. */
export interface TaskChange {
  id: string;
  fields?: Record<string, unknown>;
  fails?: boolean;
  durationMs?: number;
}

async function serve(action: Action | undefined, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const reply = (status: number, value: unknown): void => {
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(value ?? {}));
  };
  if (!action) {
    reply(404, { error: 'No such control.' });
    return;
  }
  try {
    let text = '';
    for await (const chunk of req) {
      text += String(chunk);
    }
    reply(200, await action(text === '' ? undefined : JSON.parse(text)));
  } catch (error) {
    reply(400, { error: String(error) });
  }
}
