import assert from 'node:assert/strict';
import { cleanAnswer, CLEAN_ANSWER_MAX_CHARS } from '../../../../src/common/cleanAnswer';
import { formatDiagnostics } from '../../../../src/tasks/model/diagnostics';
import type { TaskRecord } from '../../../../src/tasks/model/taskRecord';
import { answerLost, refused, submitting, withLastAnswer } from '../../../../src/tasks/model/transitions';
import { parseImportedRecord } from '../../../../src/tasks/storage/importSchema';
import { DIAGNOSTIC_FACTS, createDoneRecord, createRecord } from '../../../support/records';

const PROMPT = 'Рыжий кот MARKED прыгает на подоконник in the morning sun';
const SECRET_LINKS = [
  'https://bucket.example.org/MARKED/cat.png?X-Amz-Signature=MARKED&X-Amz-Credential=MARKED',
  'https://x.blob.example/MARKED?sv=2024&se=MARKED&sig=MARKED%3D',
  'https://user:MARKED@files.example/MARKED',
  'https://files.example/cat#access_token=MARKED',
  'https://downloader.example/disk/MARKED/MARKED',
  'http://files.example:8443/?token=MARKED',
];
/** Everything that must not be published, each in the spellings in which it may come. */
const HIDDEN: Record<string, string> = {
  ...Object.fromEntries(SECRET_LINKS.map((link) => [link, link])),
  'an image': `data:image/png;base64,${'MARKED'.repeat(30)}`,
  'an image without its beginning': 'MARKED'.repeat(200),
  'a prompt': PROMPT,
  'half of a prompt': PROMPT.slice(0, 24),
  'a key': 'shds-MARKED-5b1f0c77',
  'a header': 'Authorization: Bearer MARKED',
  'a field with a secret': '"api_key": "MARKED"',
  'a home of Linux': '/home/MARKED/films/cat.mp4',
  'a home of macOS': '/Users/MARKED MARKED/films/cat.mp4',
  'a home of Windows': 'C:\\Users\\MARKED MARKED\\films\\cat.mp4',
  'a file as a link': 'file:///home/MARKED/films/cat.mp4',
  'a query by itself': 'not found: /cat.png?signature=MARKED&x=MARKED',
};
const SPELLINGS: Record<string, (text: string) => string> = {
  'as it is': (text) => text,
  'in JSON': (text) => JSON.stringify({ message: text }),
  'in JSON of PHP': (text) => JSON.stringify({ message: text }).replaceAll('/', '\\/'),
  'in JSON in JSON': (text) => JSON.stringify(JSON.stringify({ message: text })),
  'in JSON of ASCII letters': (text) =>
    JSON.stringify({ message: text }).replace(
      /[^ -~]|&/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  'in a sentence': (text) => `Error: ${text} is wrong`,
  'in a page': (text) => `<a href="${text.replaceAll('&', '&amp;')}">${text}</a>`,
  'cut at the end': (text) => 'x '.repeat(1_980) + text,
};
const TIMES = { at: Date.UTC(2026, 5, 1) };

const diagnose = (record: TaskRecord) => formatDiagnostics(record, DIAGNOSTIC_FACTS);
const withPrompt = (more: Partial<TaskRecord> = {}) =>
  createRecord('a1', { ...more, request: { model: 'seedance-1-pro-480P-2s', prompt: PROMPT } });

describe('diagnostics of a task', () => {
  for (const [what, hidden] of Object.entries(HIDDEN)) {
    it(`have nothing of ${what}, in no field and no spelling`, () => {
      for (const [how, spell] of Object.entries(SPELLINGS)) {
        const text = spell(hidden);
        const answers: [string, string][] = [
          ['the answer', cleanAnswer(text, PROMPT)],
          [
            'the record',
            JSON.stringify(withLastAnswer(text, TIMES.at)(withPrompt({ state: 'running' })).lastAnswer ?? {}),
          ],
          ...(['message', 'answer'] as const).map((field): [string, string] => [
            field,
            diagnose(withPrompt({ state: 'failed', error: { kind: 'internal', at: 0, [field]: text } })),
          ]),
          ['the trouble', diagnose(withPrompt({ trouble: { kind: 'bad-answer', at: 0, answer: text } }))],
          ['its word', diagnose(withPrompt({ word: text }))],
          [
            'a field of the request',
            diagnose(withPrompt({ error: { kind: 'invalid-input', at: 0, issues: [{ path: text }] } })),
          ],
          [
            'an import',
            diagnose(
              parseImportedRecord({ ...withPrompt({ state: 'failed' }), lastAnswer: { ...TIMES, text } }, TIMES.at)!,
            ),
          ],
        ];
        for (const [where, found] of answers) {
          assert.ok(!found.includes('MARKED'), `${how}, ${where}: ${found}`);
        }
      }
    });
  }

  it('have no link, path or name of a file that the record holds', () => {
    const text = diagnose(
      createDoneRecord('a1', SECRET_LINKS[0]!, TIMES.at, {
        request: {
          model: 'seedance-1-pro-480P-2s',
          prompt: PROMPT,
          firstFrame: {
            source: 'file:///home/MARKED/cat.png',
            label: 'MARKED.png',
            link: SECRET_LINKS[1]!,
            delivery: 's3',
            width: 1280,
            height: 720,
          },
        },
        account: 'abcd1234',
        sender: 'MARKED-host 4242',
        saved: [{ uri: 'file:///home/MARKED/cat.mp4', at: TIMES.at }],
      }),
    );
    assert.ok(!/MARKED|abcd1234/.test(text), text);
    for (const told of [
      'extension: 1.0.0',
      'VS Code: 1.100.0, desktop, en',
      'ID at the service: gatewaya1',
      'state: done, generated',
      'first frame: s3, 1280 × 720, host x.blob.example',
      'link: host bucket.example.org, expires 2026-06-01T00:00:00.000Z',
      'saved: 1 times',
      'created: 2026-06-01T00:00:00.000Z',
    ]) {
      assert.ok(text.includes(told), `${told} in ${text}`);
    }
  });

  it('take any record, whatever numbers and words it holds', () => {
    for (const at of [NaN, Infinity, -1, 1e308, 0]) {
      assert.match(diagnose(withPrompt({ createdAt: at, error: { kind: '\u202e\n' as never, at } })), /^created: /m);
    }
  });
});

describe('the last odd answer', () => {
  const PAGE = 'Access denied by the firewall of example.org, ray 1';

  it('stays with the task when all goes well later, and is short', () => {
    const lost = answerLost({ kind: 'bad-answer', at: 5, answer: PAGE })(submitting(1)(withPrompt()));
    assert.deepEqual(lost.lastAnswer, { at: 5, text: PAGE });
    const failed = refused({ kind: 'in-between', at: 5, answer: `${PAGE} ${'много слов '.repeat(1_000)}` })(
      withPrompt(),
    );
    assert.ok(failed.lastAnswer!.text.startsWith(PAGE));
    assert.ok(failed.lastAnswer!.text.length <= CLEAN_ANSWER_MAX_CHARS);
    assert.ok(diagnose(lost).includes(`    ${PAGE}`));
  });

  it('is written once in a while, however often and with whatever time of its own it comes', () => {
    let record = withPrompt({ state: 'running' });
    let writes = 0;
    for (let second = 0; second < 3_600; second++) {
      const next = withLastAnswer(`${PAGE} at ${second}`, second * 1_000)(record);
      writes += next === record ? 0 : 1;
      record = next;
    }
    assert.equal(writes, 6);
    const same = withLastAnswer(record.lastAnswer!.text, 1e9)(record);
    assert.equal(same, record);
  });

  it('tell the balance around a lost answer', () => {
    const lost = (balance: TaskRecord['balance']) => diagnose(createRecord('a1', { state: 'unknown', balance }));
    assert.match(
      lost({ before: 100, beforeAt: TIMES.at }),
      /^balance around the order: before 100, 2026-06-01T.*; after: not told$/m,
    );
    assert.match(
      lost({ before: 100.1, beforeAt: TIMES.at, after: 88, afterAt: TIMES.at, isMixed: true }),
      /^balance .*; after 88, 2026-06-01T.*; difference -12.1 \(roubles\); other orders meanwhile$/m,
    );
    assert.doesNotMatch(lost(undefined), /^balance/m);
  });
});
