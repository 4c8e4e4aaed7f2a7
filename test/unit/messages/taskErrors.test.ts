import { ROOT } from '../../support/root';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Commands } from '../../../src/constants';
import type { ErrorDescription } from '../../../src/messages/taskErrors';
import { redact } from '../../../src/common/redact';
import { type TaskErrorKind, type TaskRecord, type TaskState, TASK_STATES } from '../../../src/tasks/model/taskRecord';
import { createDraft } from '../../../src/tasks/model/transitions';
import { bundle, settings } from '../../support/vscodeStub';

const { describeTaskError, getServerMessage } = await import('../../../src/messages/taskErrors');

/** A record, so that the compiler asks for a new kind here too. */
const KINDS: Record<TaskErrorKind, true> = {
  'invalid-key': true,
  'invalid-input': true,
  'not-found': true,
  'insufficient-balance': true,
  overloaded: true,
  'model-forbidden': true,
  'wrong-address': true,
  'sensitive-content': true,
  'unsafe-prompt': true,
  'request-too-large': true,
  internal: true,
  'bad-answer': true,
  'in-between': true,
  'proxy-refused': true,
  'key-unreadable': true,
  redirected: true,
  'not-sent': true,
  'no-answer': true,
  aborted: true,
  'task-failed': true,
  'output-refused': true,
  'no-link': true,
  'never-sent': true,
  'not-confirmed': true,
  interrupted: true,
  'link-expired': true,
  'private-address': true,
  'not-a-video': true,
  'disk-full': true,
  storage: true,
};
const kinds = Object.keys(KINDS) as TaskErrorKind[];

function record(state: TaskState, facts: Partial<TaskRecord> = {}): TaskRecord {
  return {
    ...createDraft({ id: 'a1', request: { model: 'm', prompt: 'p' }, quotedPrice: 50, at: 0 }),
    state,
    ...facts,
  };
}

const commands: string[] = Object.values(Commands);

function assertWhole({ what, money, advice, action }: ErrorDescription, about: string): void {
  for (const text of [what, money, advice]) {
    assert.match(text, /^\S.*[.”»]$/s, `${about}: ${text}`);
    assert.doesNotMatch(text, /undefined|NaN|\{\d\}|\[object/, about);
  }
  if (action) {
    assert.ok(commands.includes(action.command) || action.command === 'workbench.action.openSettings', about);
    assert.ok(action.title.length > 0 && action.title.length < 30, about);
  }
}

describe('what people read about errors', () => {
  for (const kind of kinds) {
    it(`says what happened, what it means for the money and what to do: ${kind}`, () => {
      assertWhole(describeTaskError({ kind, at: 0 }), kind);
      for (const state of TASK_STATES) {
        assertWhole(describeTaskError({ kind, at: 0 }, record(state)), `${kind} of ${state}`);
      }
    });
  }

  it('says every kind in its own words', () => {
    const said = kinds.map((kind) => describeTaskError({ kind, at: 0 }).what);
    assert.equal(new Set(said).size, said.length);
  });

  it('has words for a kind of a later version', () => {
    assertWhole(describeTaskError({ kind: 'solar-flare' as TaskErrorKind, at: 0, message: 'x' }), 'unknown kind');
  });

  it('tells the truth about the money', () => {
    const money = (state: TaskState, facts?: Partial<TaskRecord>) =>
      describeTaskError({ kind: 'internal', at: 0 }, record(state, facts)).money;
    assert.equal(money('unknown'), '50\u00a0₽ may have been charged, once at most.');
    assert.equal(money('unknown', { quotedPrice: undefined }), 'It may have been charged, once at most.');
    for (const [balance, hint] of [
      [{ after: 950 }, ' The balance is 50 ₽ less than before: it was probably charged.'],
      [{ after: 951.5 }, ' The balance is 48.50 ₽ less than before: it was probably charged.'],
      [{ after: 700, isMixed: true }, ' The balance is 300 ₽ less than before; other videos were ordered meanwhile.'],
      [
        { after: 700 },
        ' The balance is 300 ₽ less than before, which is not the price of this video (50 ₽): something else may have been charged.',
      ],
      [
        { after: 1_000, afterAt: 8.64e15 + 1 },
        ' On — the balance was the same as before: nothing had been charged so far.',
      ],
      [{ after: 1_000, isMixed: true }, ''],
      [{ after: 3_000 }, ''],
      [{}, ''],
    ] as const) {
      const told = money('unknown', { balance: { before: 1_000, beforeAt: 1, ...balance } });
      assert.equal(told.replaceAll('\u00a0', ' '), `50 ₽ may have been charged, once at most.${hint}`);
      assert.doesNotMatch(money('failed', { balance: { before: 1_000, beforeAt: 1, ...balance } }), /balance is/);
    }
    assert.equal(money('failed'), 'Nothing was charged.');
    assert.match(money('failed', { gatewayId: 'g' }), /decided by the service/);
    assert.match(money('running', { gatewayId: 'g' }), /asking again is free/);
    assert.match(money('expired', { gatewayId: 'g' }), /was paid for/);
    assert.equal(describeTaskError({ kind: 'invalid-key', at: 0 }).money, 'Nothing was charged.');
  });

  it('leads a lost answer to its id, whatever the reason', () => {
    for (const kind of kinds) {
      assert.deepEqual(describeTaskError({ kind, at: 0 }, record('unknown')).action?.command, Commands.addId);
    }
  });

  it('never sends refused content to be repeated unchanged', () => {
    for (const kind of ['sensitive-content', 'unsafe-prompt'] as const) {
      const { advice, action } = describeTaskError({ kind, at: 0 }, record('failed'));
      assert.match(advice, /^Change .*Repeating it unchanged/);
      assert.equal(action?.title, 'Change and generate…');
    }
  });

  it('never sends what is in an image to be refused in another way of sending it', () => {
    for (const message of [
      'InputImageSensitiveContentDetected.PrivacyInformation',
      'The request failed because the input image may contain real person.',
      'content policy violation',
      'a human face was found',
      'Изображение не прошло модерацию',
      'copyrighted character',
    ]) {
      for (const delivery of ['inline', 's3', 'link']) {
        const firstFrame = { source: 'file:///a.png', delivery, label: 'a.png' };
        for (const told of [{ message }, { issues: [{ path: 'images.0', message }] }]) {
          const { what, advice, action } = describeTaskError(
            { kind: 'invalid-input', at: 0, ...told },
            record('failed', { request: { model: 'm', prompt: 'p', firstFrame } }),
          );
          assert.doesNotMatch(`${what} ${advice} ${action?.title}`, /another way/, message);
          assert.match(advice, /^Change the prompt or the image/);
        }
      }
    }
  });

  it('says "The service said" of the words of the service alone', () => {
    for (const kind of kinds) {
      const quote = getServerMessage({ kind, at: 0, message: 'x', answer: 'y' });
      const isOurs =
        /^(bad-answer|in-between|proxy|private|redirected|not-|no-|aborted|never|interrupted|link|disk|storage|key-unreadable)/;
      assert.equal(
        quote,
        isOurs.test(kind) && kind !== 'not-found' ? 'The answer was: y' : 'The service said: x',
        kind,
      );
    }
    assert.equal(getServerMessage({ kind: 'bad-answer', at: 0, message: 'status: Invalid type' }), undefined);
  });

  it('names what is in between, and blames neither key nor task nor image', () => {
    for (const status of [401, 403, 404, 407, 413, 502, undefined]) {
      for (const state of ['running', 'unknown', 'failed'] as const) {
        const error = { kind: 'in-between' as const, at: 0, ...(status === undefined ? {} : { status }) };
        const { what, advice, action } = describeTaskError(error, record(state));
        assert.match(what, /something between here and there/);
        assert.doesNotMatch(`${what} ${advice} ${action?.title}`, /refused the API key|image|Set API key/);
        if (state !== 'unknown') {
          assert.match(advice, /http\.proxy/);
        }
      }
    }
    settings.set('http.proxy', 'http://user:pass@proxy.example:3128');
    const { advice } = describeTaskError({ kind: 'proxy-refused', at: 0, status: 407 }, record('failed'));
    assert.match(advice, /the proxy proxy\.example:3128/);
    assert.doesNotMatch(advice, /pass/);
    settings.delete('http.proxy');
  });

  it('asks for no other model, money or input where a task was accepted and goes on', () => {
    for (const kind of ['invalid-input', 'insufficient-balance', 'model-forbidden'] as const) {
      const { advice, action } = describeTaskError({ kind, at: 0 }, record('running', { gatewayId: 'g' }));
      assert.match(advice, /about the question and not about the task/);
      assert.equal(action?.command, Commands.check);
    }
  });

  it('offers no repetition of what goes on by itself, or has no prompt', () => {
    assert.equal(describeTaskError({ kind: 'overloaded', at: 0 }, record('running')).action, undefined);
    assert.equal(
      describeTaskError({ kind: 'overloaded', at: 0 }, record('failed', { request: { model: '', prompt: '' } })).action,
      undefined,
    );
    assert.equal(describeTaskError({ kind: 'overloaded', at: 0 }, record('failed')).action?.command, Commands.again);
  });

  it('names the wrong field and what it may be', () => {
    const { what } = describeTaskError({
      kind: 'invalid-input',
      at: 0,
      issues: [
        {
          path: 'model',
          expected: Array.from({ length: 273 }, (_, n) => `model-${n}`).join(' | '),
          message: 'Invalid',
        },
        { path: 'images.0', message: 'not a link' },
        { path: 'new_field' },
      ],
    });
    assert.match(what, /model: Invalid \(may be: model-0, .*model-5, …\)/);
    assert.match(what, /first frame: not a link/);
    assert.match(what, /new_field: wrong value/);
    assert.ok(what.length < 500);
  });

  it('quotes the service, shortened', () => {
    assert.equal(getServerMessage({ kind: 'internal', at: 0 }), undefined);
    assert.equal(getServerMessage({ kind: 'internal', at: 0, message: ' \n ' }), undefined);
    assert.equal(
      getServerMessage({ kind: 'internal', at: 0, message: 'out of\n GPUs' }),
      'The service said: out of GPUs',
    );
    assert.ok(getServerMessage({ kind: 'internal', at: 0, message: 'x'.repeat(10_000) })!.length < 400);
  });

  describe('in Russian', () => {
    before(() => {
      const file = path.join(ROOT, 'l10n', 'bundle.l10n.ru.json');
      Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>).forEach(([key, text]) =>
        bundle.set(key, text),
      );
    });
    after(() => bundle.clear());

    it('is complete, for every kind in every state', () => {
      for (const kind of kinds) {
        for (const state of TASK_STATES) {
          const explanation = describeTaskError({ kind, at: 0 }, record(state));
          assertWhole(explanation, `${kind} of ${state}`);
          for (const text of [
            explanation.what,
            explanation.money,
            explanation.advice,
            explanation.action?.title ?? 'я',
          ]) {
            assert.match(text, /[а-яё]/i, text);
          }
        }
      }
    });
  });
});

describe('the log', () => {
  it('hides the key wherever it is', () => {
    assert.equal(redact('failed with my-secret-key!', ['my-secret-key']), 'failed with [hidden]!');
    assert.equal(redact('{"Authorization":"shds-abcdef123"}'), '{"Authorization":"[hidden]"}');
    assert.doesNotMatch(redact('Authorization: Bearer abc.def-ghi'), /abc/);
    const signed =
      'authorization: AWS4-HMAC-SHA256 Credential=AKID/2026/ru/s3/aws4_request, SignedHeaders=host, Signature=0123abcd';
    assert.doesNotMatch(redact(signed), /AKID|0123abcd/);
    assert.doesNotMatch(redact('X-Amz-Credential=AKID%2F2026&X-Amz-Signature=0123abcd'), /AKID|0123abcd/);
    assert.doesNotMatch(redact("headers: { authorization: 'abcdef' }"), /abcdef/);
    assert.doesNotMatch(redact('key shds-Q1w2E3r4 refused'), /Q1w2/);
  });

  it('hides images and the tickets in links', () => {
    assert.equal(redact('sent data:image/png;base64,iVBORw0KGgo= away'), 'sent data:[hidden] away');
    assert.equal(
      redact('GET https://s.example/v.mp4?X-Amz-Signature=abc 200'),
      'GET https://s.example/v.mp4?[hidden] 200',
    );
    assert.equal(redact('GET https://gptunnel.ru/v1/balance 200'), 'GET https://gptunnel.ru/v1/balance 200');
  });
});
