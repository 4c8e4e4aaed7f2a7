import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { HttpApiClient } from '../../../src/api/httpApiClient';
import { formatDiagnostics } from '../../../src/tasks/model/diagnostics';
import { INTENT, KEY, startHarness, type TestHarness } from '../../support/harness';
import { DIAGNOSTIC_FACTS } from '../../support/records';
import { StubServer } from '../../support/stubServer';

/** Distinctive, and long enough to be found cut. */
const PROMPT = 'MARKED-prompt of a film that nobody may read in a log';

/** Answers in which the service repeats what it was sent, in each place that has words. */
const QUOTES: Readonly<Record<string, { status?: number; body: unknown }>> = {
  'a refusal': { body: { code: 3, message: `bad prompt: ${PROMPT}` } },
  'the field that is wrong': {
    body: { code: 3, issues: [{ path: 'prompt', expected: PROMPT, message: `not ${PROMPT}` }] },
  },
  'the path of a field': { body: { code: 3, issues: [{ path: `prompt.${PROMPT}` }] } },
  'the moderation': { body: { code: 1002, message: PROMPT } },
  'an error of its own': { status: 500, body: { code: 500, message: PROMPT } },
  'the shape of OpenAI': { status: 400, body: { error: { message: PROMPT, type: PROMPT } } },
  'a page of a proxy': { status: 502, body: `<html>${PROMPT}</html>` },
  'a field of another type': { body: { code: 0, id: PROMPT, status: { [PROMPT]: PROMPT }, url: [PROMPT] } },
  'an id that is none': { body: { code: 0, id: `${PROMPT}!`, status: PROMPT.repeat(5) } },
  'a link that is none': { body: { code: 0, id: 'x'.repeat(24), status: 'done', url: `not a link ${PROMPT}` } },
  'a failure of the task': {
    body: { code: 1001, id: 'x'.repeat(24), status: 'failed', message: PROMPT, error: { message: PROMPT } },
  },
};

describe('the log holds no prompt', () => {
  let server: StubServer;
  let harness: TestHarness;

  beforeEach(async () => {
    server = await new StubServer().open();
    harness = await startHarness({ baseUrl: `${server.origin}/v1` });
  });

  afterEach(async () => {
    await harness.end();
    await harness.emulator.close();
    await server.close();
  });

  for (const [what, { status = 200, body }] of Object.entries(QUOTES)) {
    it(`when the service quotes it in ${what}`, async function () {
      this.timeout(20_000);
      server.respondWith(body, status);
      await harness.make({ ...INTENT, prompt: PROMPT });
      // Another one that the service has, so that it is asked about.
      server.respondWith({ code: 0, id: 'f'.repeat(24), status: 'idle' });
      await harness.make({ ...INTENT, prompt: PROMPT });
      server.respondWith(body, status);
      await harness.clock.pass(10 * 60_000);
      const client = new HttpApiClient({
        fetch: harness.requests.fetch,
        baseUrl: () => new URL(`${server.origin}/v1`),
        now: () => 0,
      });
      const thrown = await client.result('a', { key: KEY }).then(
        () => '',
        // What the log prints of an error: its stack and its causes.
        (error: Error) => inspect({ stack: error.stack, cause: error.cause }),
      );
      const diagnostics = harness.store.list().map((record) => formatDiagnostics(record, DIAGNOSTIC_FACTS));
      assert.equal(diagnostics.length, 2);
      assert.ok(!diagnostics.join('\n').includes('MARKED'), diagnostics.join('\n'));
      assert.ok(!JSON.stringify(harness.store.list().map(({ lastAnswer }) => lastAnswer)).includes('MARKED'));
      assert.ok(harness.log.length > 2);
      assert.ok(!`${harness.log.join('\n')} ${thrown}`.includes('MARKED'), `${harness.log.join('\n')} ${thrown}`);
    });
  }
});
