import { getPlayableLink } from '../../../../src/common/link';
import assert from 'node:assert/strict';
import '../../../support/vscodeStub';
import { createAcceptedRecord } from '../../../support/records';
import { Uri } from '../../../support/vscodeStub';
import type { Webview } from 'vscode';
import type { TaskErrorKind, TaskRecord, TaskState } from '../../../../src/tasks/model/taskRecord';
import { POSTER_MAX_BYTES } from '../../../../src/tasks/model/poster';
import type { PreviewAction } from '../../../../src/views/preview/protocol';
import type { PreviewFacts } from '../../../../src/views/preview/previewModel';

const { createPreviewModel, createModelWithoutRecord, getNextModelChange, getPreviewStrings } =
  await import('../../../../src/views/preview/previewModel');
const { parseWebviewMessage, parseSavedState, PREVIEW_ACTIONS } =
  await import('../../../../src/views/preview/protocol');
const { escapeHtml } = await import('../../../../src/views/webviewHtml');
const { createPreviewHtml } = await import('../../../../src/views/preview/previewPanel');

const NOW = 1_800_000_000_000;
const HOUR_MS = 3_600_000;

const record = (facts: Partial<TaskRecord> = {}) =>
  createAcceptedRecord(NOW, {
    state: 'done',
    request: { model: 'seedance-1-pro-1080P-5s', prompt: 'A red fox', aspectRatio: '9:16' },
    finishedAt: NOW - 5_000,
    ...facts,
  });

const localCopy = { file: 'task1.mp4', bytes: 3 * 1024 * 1024, at: NOW };
const result = { url: 'https://files.example/v.mp4', expiresAt: NOW + 5 * HOUR_MS };
const facts = (more: Partial<PreviewFacts> = {}): PreviewFacts => ({
  now: NOW,
  readOnly: false,
  copyUrl: 'https://webview.example/task1.mp4',
  formatSavedUri: (uri) => uri,
  ...more,
});
const actions = (buttons: { action: string }[]) => buttons.map(({ action }) => action);

describe('preview: the model', () => {
  it('tells what the file is: size, frames a second, codec and sound', () => {
    const read = (film: PreviewFacts['film']) =>
      Object.fromEntries(
        createPreviewModel(record({ localCopy }), facts({ film })).facts.map(({ name, value }) => [name, value]),
      );
    const film = { width: 1920, height: 1080, framesPerSecond: 23.976023976, codec: 'H.264' };
    assert.deepEqual(
      [read({ ...film, sound: { codec: 'AAC', channels: 2 } }), read({ sound: undefined })].map(
        ({ Size, 'Frames a second': rate, Codec, Sound }) => [Size, rate, Codec, Sound],
      ),
      [
        ['1920 × 1080', '23.98', 'H.264', 'AAC, stereo'],
        [undefined, undefined, undefined, 'none'],
      ],
    );
    assert.ok(!('Sound' in read(undefined)));
  });

  it('tells the player whether the file has a sound track, once that is known', () => {
    const tracks = [undefined, { sound: undefined }, { sound: { codec: 'AAC', channels: 2 } }].map(
      (film) =>
        createPreviewModel(record({ localCopy }), facts({ film, copyUrl: 'https://file/a.mp4' })).video?.hasTrack,
    );
    assert.deepEqual(tracks, [undefined, false, true]);
  });

  it('gives the typical time also the first time, marked as built in, until there is an estimate', () => {
    const lines = (state: TaskState, model: string, estimate?: PreviewFacts['estimate']) =>
      createPreviewModel(
        record({ state, request: { model, prompt: 'A red fox', aspectRatio: '9:16' } }),
        facts({ estimate }),
      ).lines.join(' ');
    for (const state of ['draft', 'submitting', 'waiting', 'running'] as const) {
      assert.match(lines(state, 'seedance-1-pro-1080P-5s'), /Usually 1 to 3 minutes \(built-in figure\)\./);
      assert.doesNotMatch(lines(state, 'other-model'), /built-in/);
    }
    assert.match(lines('running', 'seedance-2-1080P-10s'), /Usually 3 to 10 minutes/);
    const known = { progress: 0.5, leftMs: 20_000, p20Ms: 15_000, p80Ms: 30_000, isLong: false };
    assert.doesNotMatch(lines('running', 'seedance-1-pro-1080P-5s', known), /built-in/);
  });

  it('offers what is paid after what is free where there is no video to watch', () => {
    const buttonsOf = (more: Partial<TaskRecord>, told?: Partial<PreviewFacts>) =>
      actions(createPreviewModel(record(more), facts(told)).buttons);
    const cases: [Partial<TaskRecord>, Partial<PreviewFacts>?][] = [
      ...(['draft', 'submitting', 'waiting', 'running'] as const).map((state) => [{ state }] as [Partial<TaskRecord>]),
      [{ state: 'running' }, { pauseReason: 'no-key' }],
      [{ localCopy }, { problem: 'codec' }],
      [{ localCopy }, { problem: 'gone', copyUrl: undefined }],
      [{ result }, { problem: 'unreachable', copyUrl: undefined }],
    ];
    for (const [more, told] of cases) {
      const offered = buttonsOf(more, told);
      assert.equal(offered.at(-1), 'again', JSON.stringify([more, told, offered]));
      assert.notEqual(offered[0], 'again');
    }
    assert.equal(buttonsOf({ localCopy })[0], 'save');
  });

  it('says when what failed is tried again, and counts', () => {
    const troubled = record({ state: 'running', trouble: { kind: 'not-sent', at: NOW } });
    const notice = (nextTryAt?: number) => createPreviewModel(troubled, facts({ nextTryAt })).notice ?? '';
    assert.match(notice(NOW + 40_000), /could not be reached\..* Next try in 40 s\.$/);
    assert.doesNotMatch(notice(), /Next try/);
    assert.equal(getNextModelChange(troubled, NOW, { isRetried: true }), 1_000);
  });

  it('offers what is free first in the place of the picture, and preselects nothing that is paid', () => {
    const lost = { state: 'unknown', gatewayId: undefined, error: { kind: 'no-answer', at: NOW } } as const;
    const failed = (kind: TaskErrorKind, gatewayId?: string) =>
      ({ state: 'failed', gatewayId, error: { kind, at: NOW } }) as const;
    const cases: [Partial<TaskRecord>, PreviewAction[], Partial<PreviewFacts>?][] = [
      [{ state: 'waiting' }, ['check']],
      [{ state: 'running' }, ['check']],
      [lost, ['addId', 'again', 'remove']],
      [{ ...lost, balance: { before: 100, beforeAt: NOW } }, ['check', 'addId', 'again', 'remove']],
      [failed('task-failed', 'g1'), ['check', 'remedy']],
      [failed('output-refused', 'g1'), ['check', 'remedy']],
      [failed('task-failed'), ['remedy']],
      [failed('insufficient-balance', 'g1'), ['remedy', 'check', 'again']],
      [failed('invalid-key'), ['remedy', 'again']],
      [{ state: 'expired' }, ['check', 'again']],
      [{ state: 'expired', gatewayId: undefined }, ['again']],
      [{ saved: [{ uri: 'file:///ws/a.mp4', at: NOW }] }, ['reveal', 'check']],
      [{ localCopy }, ['reload'], { problem: 'gone', copyUrl: undefined }],
    ];
    for (const [more, offered, told] of cases) {
      const { overlayButtons, state } = createPreviewModel(record(more), facts(told));
      assert.deepEqual(actions(overlayButtons), offered, state);
      const primary = overlayButtons.filter((button) => button.primary);
      assert.ok(primary.length <= 1 && primary.every((button) => button === overlayButtons[0]), state);
      const isPaid = (action?: PreviewAction) =>
        action === 'again' ||
        (action === 'remedy' && !['insufficient-balance', 'invalid-key'].includes(more.error!.kind));
      assert.ok(!isPaid(primary[0]?.action), state);
    }
  });

  it('says what a task waits for whose key is another', () => {
    const model = createPreviewModel(record({ state: 'running' }), facts({ pauseReason: 'other-key' }));
    assert.deepEqual(
      { state: model.state, heading: model.heading, elapsedMs: model.elapsedMs },
      { state: 'held', heading: 'Waiting for its API key', elapsedMs: undefined },
    );
    assert.match(model.lines.join(' '), /made with another API key[^]*48 hours/);
    assert.deepEqual(actions(model.overlayButtons), ['remedy', 'check']);
  });

  it('promises no hours for a link that was refused, and sends nobody there', () => {
    const model = createPreviewModel(record({ result, trouble: { kind: 'link-expired', at: NOW } }), facts());
    assert.deepEqual(
      { state: model.state, video: model.video, buttons: actions(model.overlayButtons) },
      { state: 'fetching', video: undefined, buttons: ['check'] },
    );
    assert.equal(model.facts.find(({ name }) => name === 'Link')?.value, 'does not work; a new one is asked for');
    assert.match(model.lines.join(' '), /nothing is charged again[^]*asks the service for a new one/);
    assert.equal(model.notice, undefined, 'said once');
    assert.ok(!JSON.stringify(model).includes(result.url));
  });

  it('lets the player try what is no MP4, and says what is not shown and how to get at it', () => {
    const copy = { ...localCopy, type: 'avi' as const };
    const ready = createPreviewModel(record({ localCopy: copy }), facts());
    assert.equal(ready.state, 'ready');
    assert.equal(ready.video?.isOther, true, 'H.264 says nothing about it');
    assert.equal(ready.facts.find(({ name }) => name === 'File type')?.value, 'AVI');
    const told = createPreviewModel(record({ localCopy: copy }), facts({ problem: 'codec' }));
    assert.match(told.lines.join(' '), /of the type AVI instead of an MP4[^]*save it[^]*Frames cannot be taken/);
    assert.deepEqual(actions(told.overlayButtons), ['openExternal', 'save', 'reload']);
    const film = createPreviewModel(record({ localCopy }), facts());
    assert.equal(film.video?.isOther, undefined);
    assert.equal(
      film.facts.find(({ name }) => name === 'File type'),
      undefined,
    );
  });

  it('claims nothing about what a newer version made', () => {
    const model = createPreviewModel(record({ state: 'failed', gatewayId: undefined }), facts({ readOnly: true }));
    assert.deepEqual(
      { state: model.state, heading: model.heading, overlayButtons: model.overlayButtons },
      { state: 'readonly', heading: 'Made by a newer version of the extension', overlayButtons: [] },
    );
    assert.ok(!actions(model.buttons).includes('save'));
  });

  it('offers four ways on when no answer came', () => {
    const model = createPreviewModel(
      record({ state: 'unknown', gatewayId: undefined, error: { kind: 'interrupted', at: NOW } }),
      facts(),
    );
    assert.match(
      model.lines.join(' '),
      /VS Code was closed while the request was on its way\.[^]*may have been charged[^]*Or wait[^]*another 122\s₽/,
    );
    assert.deepEqual(actions(model.overlayButtons), ['addId', 'again', 'remove']);
  });

  it('offers to ask again about a task that failed at the service, and not about one that never got there', () => {
    const error = { kind: 'task-failed' as const, at: NOW };
    const failed = createPreviewModel(record({ state: 'failed', error }), facts());
    assert.deepEqual(actions(failed.overlayButtons), ['check', 'remedy']);
    const refused = createPreviewModel(record({ state: 'failed', gatewayId: undefined, error }), facts());
    assert.deepEqual(actions(refused.overlayButtons), ['remedy']);
  });

  it('plays the copy, else the link while it lives, else nothing', () => {
    assert.deepEqual(createPreviewModel(record({ localCopy, result }), facts()).video, {
      url: 'https://webview.example/task1.mp4',
      copy: true,
      sound: false,
    });
    assert.deepEqual(createPreviewModel(record({ result }), facts()).video, {
      url: result.url,
      copy: false,
      sound: false,
    });
    assert.equal(createPreviewModel(record({ result: { ...result, expiresAt: NOW } }), facts()).video, undefined);
    assert.equal(createPreviewModel(record({ localCopy, result }), facts({ problem: 'gone' })).video?.copy, false);
  });

  it('takes no link but https, and http to this computer', () => {
    for (const url of [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://files.example/v.mp4',
      'data:video/mp4,',
      'command:x',
      '',
      '//x',
      'https://192.168.0.1/v.mp4',
      'https://router/v.mp4',
      'https://user:password@files.example/v.mp4',
      'http://127.0.0.1:8080/v.mp4',
    ]) {
      assert.equal(getPlayableLink(url, new URL('https://gptunnel.ru/v1')), undefined, url);
      assert.equal(createPreviewModel(record({ result: { ...result, url } }), facts()).video, undefined, url);
    }
    const near = new URL('http://127.0.0.1:1/v1');
    assert.equal(getPlayableLink('http://127.0.0.1:8080/v.mp4', near), 'http://127.0.0.1:8080/v.mp4');
    assert.equal(getPlayableLink('http://localhost:8080/v.mp4', near), undefined);
  });

  it('has a state of the page for every state of a task', () => {
    const states = (
      ['draft', 'submitting', 'waiting', 'running', 'unknown', 'failed', 'expired', 'done'] as TaskState[]
    ).map((state) => createPreviewModel(record({ state, result }), facts()).state);
    assert.deepEqual(states, ['waiting', 'waiting', 'waiting', 'waiting', 'unknown', 'failed', 'expired', 'ready']);
    assert.equal(createPreviewModel(record({ localCopy, result }), facts({ problem: 'codec' })).state, 'codec');
    const silentFilm = createPreviewModel(record({ localCopy, result }), facts({ problem: 'only-sound' }));
    assert.equal(silentFilm.state, 'codec');
    assert.match(silentFilm.lines.join(), /the sound only[^]*The file itself is fine/);
    assert.ok(silentFilm.overlayButtons.some(({ action }) => action === 'openExternal'));
    assert.equal(createPreviewModel(record({ localCopy }), facts({ problem: 'gone' })).state, 'gone');
    assert.equal(createPreviewModel(record({ result }), facts({ problem: 'unreachable' })).state, 'unreachable');
    assert.equal(createPreviewModel(record({ localCopy, result }), facts({ problem: 'unreachable' })).state, 'ready');
    const dead = { ...result, expiresAt: NOW };
    assert.equal(createPreviewModel(record({ result: dead }), facts()).state, 'expired');
    assert.equal(
      createPreviewModel(record({ result: dead, saved: [{ uri: 'file:///a.mp4', at: NOW }] }), facts()).state,
      'gone',
    );
    assert.equal(createModelWithoutRecord('x', 'removed').state, 'removed');
  });

  it('offers what can be done, and nothing else', () => {
    assert.deepEqual(actions(createPreviewModel(record({ localCopy }), facts()).buttons), [
      'save',
      'saveAs',
      'again',
      'export',
      'openExternal',
      'copyPrompt',
    ]);
    assert.deepEqual(actions(createPreviewModel(record({ state: 'running' }), facts()).buttons), [
      'copyPrompt',
      'again',
    ]);
    const saved = [{ uri: 'file:///ws/a.mp4', at: NOW }];
    assert.ok(actions(createPreviewModel(record({ localCopy, saved }), facts()).buttons).includes('reveal'));
    assert.ok(!actions(createPreviewModel(record({ localCopy }), facts({ readOnly: true })).buttons).includes('save'));
  });

  it('shows the ways on when the answer was lost, with the price of a second try', () => {
    const model = createPreviewModel(
      record({ state: 'unknown', gatewayId: undefined, error: { kind: 'no-answer', at: NOW } }),
      facts(),
    );
    assert.deepEqual(actions(model.overlayButtons), ['addId', 'again', 'remove']);
    assert.match(model.lines.join(' '), /may cost twice: another 122/);
  });

  it('says why it failed, what it means for the money and what to do, in the user’s and the service’s words', () => {
    const message = '<b>no</b> [x](command:y)\u202E';
    const model = createPreviewModel(
      record({ state: 'failed', error: { kind: 'insufficient-balance', at: NOW, message } }),
      facts(),
    );
    assert.equal(model.lines.length, 3);
    assert.equal(model.quote, 'The service said: <b>no</b> [x](command:y)');
    assert.deepEqual(actions(model.overlayButtons), ['remedy', 'check', 'again']);
  });

  it('offers the key when it was refused', () => {
    const model = createPreviewModel(record({ state: 'running' }), facts({ pauseReason: 'refused-key' }));
    assert.deepEqual(actions(model.overlayButtons), ['remedy', 'check']);
  });

  it('leads from a first frame to the video that it was taken from, while that is there', () => {
    const from = { task: 'task0', seconds: 4.9, isLast: true };
    const child = record({
      request: {
        model: 'm',
        prompt: 'On',
        firstFrame: { source: 'file:///f.png', delivery: 'inline', label: 'Last frame of “A red fox”', from },
      },
    });
    const fact = (origin?: TaskRecord) =>
      createPreviewModel(child, facts({ origin })).facts.find(({ name }) => name === 'First frame');
    assert.deepEqual(fact(record({ id: 'task0' })), {
      name: 'First frame',
      value: 'Last frame of “A red fox”',
      action: 'openOrigin',
    });
    assert.equal(fact()?.action, undefined);
  });

  it('shows the first frame small, if it is the small JPEG that it should be', () => {
    const fact = (thumbnail: string) => {
      const firstFrame = { source: 'file:///f.png', delivery: 'inline', label: 'f.png', thumbnail };
      return createPreviewModel(record({ request: { model: 'm', prompt: 'On', firstFrame } }), facts()).facts.find(
        ({ name }) => name === 'First frame',
      );
    };
    assert.deepEqual(fact('data:image/jpeg;base64,/9j/'), {
      name: 'First frame',
      value: 'f.png',
      picture: 'data:image/jpeg;base64,/9j/',
    });
    for (const other of [
      'https://example.org/pixel.png',
      'data:image/svg+xml;base64,AAAA',
      `data:image/jpeg;base64,${'A'.repeat(20_000)}`,
    ]) {
      assert.equal(fact(other)?.picture, undefined);
    }
  });

  it('tells the download, the shape and the running time', () => {
    const model = createPreviewModel(
      record({ result }),
      facts({ progress: { id: 'task1', received: 43, total: 100 } }),
    );
    assert.equal(model.progress, 0.43);
    assert.equal(
      createPreviewModel(record({ result }), facts({ progress: { id: 'task1', received: 43 } })).progress,
      -1,
    );
    assert.equal(model.ratio, 9 / 16);
    assert.equal(createPreviewModel(record({ state: 'running', finishedAt: undefined }), facts()).elapsedMs, 65_000);
    assert.equal(createPreviewModel(record({ state: 'draft' }), facts()).elapsedMs, undefined);
  });

  it('changes by itself only while a link without a copy runs out', () => {
    assert.equal(getNextModelChange(record({ result }), NOW - 1000), 1001);
    assert.equal(getNextModelChange(record({ result, localCopy }), NOW), undefined);
    assert.equal(getNextModelChange(record({ state: 'running' }), NOW), undefined);
    assert.equal(getNextModelChange(record({ result, localCopy }), NOW, { hasAge: true }), 60_000);
  });

  it('has a tab that is told from those of the other takes of its prompt', () => {
    const shown = record({ result, localCopy, createdAt: NOW - 3 * 3_600_000 });
    const model = createPreviewModel(shown, facts({ take: { number: 2, count: 3 } }));
    assert.match(model.title, /^Take 2 · 3 h · \S/);
    assert.equal(model.facts.find(({ name }) => name === 'Take')?.value, '2 of 3 with this prompt');
    const alone = createPreviewModel(shown, facts());
    assert.doesNotMatch(alone.title, /Take/);
    assert.equal(
      alone.facts.find(({ name }) => name === 'Take'),
      undefined,
    );
  });
});

describe('preview: messages', () => {
  it('hears what a page may say', () => {
    assert.deepEqual(parseWebviewMessage({ type: 'ready' }), { type: 'ready' });
    assert.deepEqual(parseWebviewMessage({ type: 'soundNeeded' }), { type: 'soundNeeded' });
    for (const action of PREVIEW_ACTIONS) {
      assert.deepEqual(parseWebviewMessage({ type: 'action', action }), { type: 'action', action });
    }
    assert.deepEqual(parseWebviewMessage({ type: 'videoError', code: 4, copy: true }), {
      type: 'videoError',
      code: 4,
      copy: true,
    });
    assert.deepEqual(parseWebviewMessage({ type: 'thumbnail', thumbnail: 'data:image/jpeg;base64,/9j/' }), {
      type: 'thumbnail',
      thumbnail: 'data:image/jpeg;base64,/9j/',
    });
    assert.equal(parseWebviewMessage({ type: 'thumbnail', thumbnail: 'https://example.org/pixel.png' }), undefined);
    const jpeg = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0]).buffer;
    assert.deepEqual(parseWebviewMessage({ type: 'poster', id: 'task1', bytes: jpeg }), {
      type: 'poster',
      id: 'task1',
      bytes: jpeg,
    });
    for (const poster of [
      { id: '../task1', bytes: jpeg },
      { id: 'task1', bytes: new TextEncoder().encode('<svg/>').buffer },
      { id: 'task1', bytes: new ArrayBuffer(POSTER_MAX_BYTES + 1) },
      { id: 'task1', bytes: 'JPEG' },
    ]) {
      assert.equal(parseWebviewMessage({ type: 'poster', ...poster }), undefined, poster.id);
    }
  });

  it('takes pictures, of the video or pasted', () => {
    const bytes = new Uint8Array([1, 2, 3]).buffer;
    const frame = { seconds: 1.5, isLast: true };
    const thumbnail = 'data:image/jpeg;base64,/9j/';
    for (const message of [
      { type: 'picture', use: 'firstFrame', bytes, frame, thumbnail },
      { type: 'picture', use: 'save', bytes, frame },
      { type: 'picture', use: 'firstFrame', bytes },
      { type: 'picture', use: 'firstFrame', bytes, name: 'boat.png' },
    ]) {
      assert.deepEqual(parseWebviewMessage(message), message);
    }
  });

  it('takes no picture that is too large, no text for one, and no time outside a video', () => {
    const good = {
      type: 'picture',
      use: 'firstFrame',
      bytes: new ArrayBuffer(3),
      frame: { seconds: 1, isLast: false },
    };
    for (const wrong of [
      { bytes: new ArrayBuffer(0) },
      { bytes: new ArrayBuffer(30 * 1024 * 1024 + 1) },
      { bytes: 'PNG' },
      { bytes: [1, 2, 3] },
      { use: 'delete' },
      { frame: { seconds: -1, isLast: false } },
      { frame: { seconds: NaN, isLast: false } },
      { frame: { seconds: Infinity, isLast: false } },
      { frame: { seconds: 1 } },
      { thumbnail: 'https://example.org/pixel.png' },
      { thumbnail: 'data:image/svg+xml;base64,AAAA' },
      { thumbnail: `data:image/jpeg;base64,${'A'.repeat(20_000)}` },
    ]) {
      assert.equal(parseWebviewMessage({ ...good, ...wrong }), undefined, Object.keys(wrong).join());
    }
  });

  it('is deaf to all else', () => {
    for (const message of [
      undefined,
      null,
      'ready',
      [],
      {},
      { type: 'action' },
      { type: 'action', action: 'workbench.action.quit' },
      { type: 'action', action: { toString: 'save' } },
      { type: 'command', command: 'seedance.removeApiKey' },
      { type: 'videoError', code: 99, copy: true },
      { type: 'videoError', code: 1 },
    ]) {
      assert.equal(parseWebviewMessage(message), undefined, JSON.stringify(message));
    }
  });

  it('takes from the saved state ids of tasks and nothing else', () => {
    assert.deepEqual(parseSavedState({ id: 'abc123', more: 1 }), { id: 'abc123' });
    const ids = ['abc123', 'abc124'];
    assert.deepEqual(parseSavedState({ id: 'abc123', ids }), { id: 'abc123', ids });
    for (const odd of [['../x'], 'abc', Array.from({ length: 1001 }, () => 'a'), [1]]) {
      assert.deepEqual(parseSavedState({ id: 'abc123', ids: odd }), { id: 'abc123', ids: undefined });
    }
    for (const state of [
      undefined,
      null,
      {},
      { id: '../x' },
      { id: 1 },
      { id: '' },
      { id: 'a'.repeat(65) },
      'abc123',
    ]) {
      assert.equal(parseSavedState(state), undefined, JSON.stringify(state));
    }
  });
});

describe('preview: the page', () => {
  const webview = {
    cspSource: 'https://csp.example',
    asWebviewUri: (uri: Uri) => uri,
  } as unknown as Webview;
  const page = (
    model = createPreviewModel(record({ localCopy }), facts()),
    remote: 'none' | 'https' | 'https-and-loopback' = 'none',
  ) =>
    createPreviewHtml(webview, new Uri('file', '/extension') as never, {
      model,
      strings: getPreviewStrings(),
      remote,
    });
  const policy = (html: string) =>
    /http-equiv="Content-Security-Policy" content="([^"]*)"/
      .exec(html)![1]!
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

  it('allows scripts by a fresh nonce only, and nothing by default', () => {
    const [first, second] = [policy(page()), policy(page())];
    assert.match(first, /default-src 'none'.*script-src 'nonce-[A-Za-z0-9+/=]{20,}'/);
    assert.notEqual(first, second);
    assert.doesNotMatch(first, /unsafe|\*/);
  });

  it('lets media in from the copy, and from links only where there is one to play', () => {
    assert.match(policy(page()), /media-src https:\/\/csp\.example;/);
    assert.match(policy(page(undefined, 'https')), /media-src https:\/\/csp\.example https:;/);
    assert.match(policy(page(undefined, 'https-and-loopback')), /media-src .* http:\/\/127\.0\.0\.1:\*/);
  });

  it('shows a hostile prompt as data', () => {
    const prompt = '"><script>alert(1)</script><meta http-equiv=refresh content=0>\'`';
    const html = page(createPreviewModel(record({ localCopy, request: { model: '<i>', prompt } }), facts()));
    assert.equal(html.match(/<script/g)?.length, 1);
    assert.equal(html.match(/<meta/g)?.length, 4);
    assert.doesNotMatch(html, /<i>/);
    assert.equal(escapeHtml('<&>"\'`'), '&#60;&#38;&#62;&#34;&#39;&#96;');
  });
});
