/** The ways in which an image file gets to the service, each gone by a user, to a service that reads what it is given. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BUCKET, REGION, startBucket, type BucketServer } from '../emulator/bucket';
import { startRawFiles } from '../emulator/rawFiles';
import { bodyOf, startWebServer, type WebServer } from '../emulator/web';
import { retry, type Workbench } from '../vscode/workbench';
import {
  acceptOffer,
  answer,
  closeNotifications,
  offered,
  question,
  rowOf,
  setKey,
  until,
  waitForState,
  wholeMarkup,
} from './actions';
import { png } from './png';
import { fixture } from './setup';

const IMAGE = png(640, 360);
const SECRET = 'Bearer MARKED-4f1c2277';

describe('an image file gets to the service', () => {
  const servers: Pick<WebServer, 'close'>[] = [];
  const started = <T extends Pick<WebServer, 'close'>>(server: T): T => {
    servers.push(server);
    return server;
  };

  beforeEach(() => {
    fixture.emulator.behaviour.fetchImages = true;
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  it('through a bucket, which is set up on the way and tried', async () => {
    const bucket = started(await startBucket());
    const { workbench } = await fixture.open({ 'кадры/Лодка.png': IMAGE });
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'Лодка.png');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Upload to an S3 bucket');
    await question(workbench, 'Set up image bucket').waitFor();
    await workbench.pick('MinIO or another');
    await answer(workbench, 'Endpoint', bucket.url);
    await answer(workbench, 'Region', REGION);
    await answer(workbench, /: Bucket/, BUCKET);
    await answer(workbench, 'Folder in the bucket', 'кадры');
    await answer(workbench, 'Access key ID', bucket.keys.accessKeyId);
    await answer(workbench, 'Secret access key', 'a wrong one');
    await until(
      'the box says',
      () => workbench.quickInput.innerText(),
      (text) => text.includes('The secret key does not fit the key ID.'),
    );
    // Back, and everything is there still.
    await question(workbench, 'Secret access key').locator('.quick-input-titlebar .codicon-quick-input-back').click();
    await question(workbench, 'Access key ID').waitFor();
    assert.equal(await workbench.quickInput.locator('input').first().inputValue(), bucket.keys.accessKeyId);
    await workbench.page.keyboard.press('Enter');
    await answer(workbench, 'Secret access key', bucket.keys.secretAccessKey);
    await workbench.waitForNotification('The bucket frames works');
    await closeNotifications(workbench);
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'The boat sails away'), /^Ready$/);
    const [link] = sentImages();
    assert.match(link ?? '', new RegExp(`^${bucket.url}/${BUCKET}/.*/[0-9a-f]{64}\\.png\\?.*X-Amz-Signature=`));
    assert.ok(wasReadWithoutKeys(bucket, link!));
    assert.ok(!(await wholeMarkup(workbench)).includes(bucket.keys.secretAccessKey));

    // From now on it is the way, and the same image is not uploaded again.
    await useAsFirstFrame(workbench, 'Лодка.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sinks');
    await acceptOffer(workbench);
    await until(
      'charged',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.equal(bucket.seen.filter(({ method, url }) => method === 'PUT' && !url.includes('seedance-test')).length, 1);
  });

  it("through an address of one's own", async () => {
    const stored = new Map<string, Buffer>();
    const host: WebServer = started(
      await startWebServer(async (seen, req) => {
        if (seen.method === 'GET') {
          const body = stored.get(seen.url);
          return body ? { body } : { status: 404 };
        }
        if (seen.headers['x-upload-key'] !== SECRET) return { status: 401, body: 'Who are you?' };
        const name = `/images/${stored.size}.png`;
        const form = new Response((await bodyOf(seen, req)) as Uint8Array<ArrayBuffer>, {
          headers: { 'content-type': seen.headers['content-type'] ?? '' },
        });
        stored.set(name, Buffer.from(await ((await form.formData()).get('picture') as File).arrayBuffer()));
        return { status: 201, body: JSON.stringify({ data: { url: host.url + name } }) };
      }),
    );
    const { workbench } = await fixture.open({ 'boat.png': IMAGE });
    await setKey(workbench);
    await workbench.runCommand('Seedance: Set up image upload…');
    await answer(workbench, 'Address', `${host.url}/upload`);
    await question(workbench, 'HTTP method').waitFor();
    await workbench.pick('POST');
    await answer(workbench, 'Name of the field', 'picture');
    await answer(workbench, 'Name of the header', 'X-Upload-Key');
    await answer(workbench, 'X-Upload-Key', SECRET);
    await answer(workbench, 'Where the link is in the answer', '/url');
    await until(
      'the box says',
      () => workbench.quickInput.innerText(),
      (text) => text.includes('there is no link in its answer'),
    );
    await answer(workbench, 'Where the link is in the answer', '/data/url');
    await workbench.waitForNotification(/The upload to 127\.0\.0\.1:\d+ works/);
    await closeNotifications(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'The boat sails away'), /^Ready$/);
    assert.deepEqual(sentImages(), [`${host.url}/images/${stored.size - 1}.png`]);
    assert.deepEqual([...stored.values()].at(-1), IMAGE);

    // The server does not answer: nothing is lost, and the image can go in another way.
    await host.close();
    await useAsFirstFrame(workbench, 'boat.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sinks');
    await acceptOffer(workbench);
    assert.match(
      await workbench.waitForNotification('The first frame could not be sent'),
      /did not answer[^]*nothing was charged/,
    );
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    assert.match((await offered(workbench)).join('\n'), /Prompt: The boat sinks/);
    await acceptOffer(workbench);
    await until(
      'charged',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 2,
    );
    assert.equal(sentImages()[1], `data:image/png;base64,${IMAGE.toString('base64')}`);
  });

  it('by a link that is found by itself, for it is pushed to a public repository', async () => {
    const remotes = fixture.sandbox.folder('remotes');
    const raw = started(await startRawFiles(remotes));
    fixture.sandbox.changeSettings({
      'seedance.firstFrame.rawLinks': { [`${remotes}/`]: `${raw.url}/{owner}/{repo}/raw/commit/{commit}/{path}` },
    });
    const folder = await fixture.workspace({ 'boat.png': IMAGE, 'new.png': png(500, 500) });
    const git = (...args: string[]) =>
      promisify(execFile)(
        'git',
        ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', '-C', folder, ...args],
        { timeout: 20_000 },
      );
    const remote = path.join(remotes, 'anna', 'films.git');
    await mkdir(remote, { recursive: true });
    await promisify(execFile)('git', ['init', '-q', '--bare', remote]);
    await git('init', '-q');
    await git('add', 'boat.png');
    await git('commit', '-q', '-m', 'A boat');
    await git('push', '-q', remote, 'main');
    await git('remote', 'add', 'origin', remote);
    await git('fetch', '-q', 'origin');
    const { workbench } = await openOn(folder);
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('send the link that was found');
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await acceptOffer(workbench);
    await waitForState(await rowOf(workbench, 'The boat sails away'), /^Ready$/);
    assert.match(sentImages()[0] ?? '', new RegExp(`^${raw.url}/anna/films/raw/commit/[0-9a-f]{40}/boat\\.png$`));
    assert.equal(raw.seen.length, 2, 'once by us, once by the service');

    // What is not pushed is asked for, and the box holds what was copied.
    await workbench.page.evaluate(`navigator.clipboard.writeText(' ${raw.url}/copied.png')`);
    await useAsFirstFrame(workbench, 'new.png');
    await question(workbench, 'First frame').waitFor();
    assert.match(await workbench.quickInput.innerText(), /No link to this image was found/);
    await workbench.pick('It is on the web: give a link');
    await question(workbench, 'Link to new.png').waitFor();
    assert.equal(await workbench.quickInput.locator('input').first().inputValue(), `${raw.url}/copied.png`);
    await workbench.page.keyboard.press('Enter');
    await answer(workbench, 'What happens after the first frame?', 'Nothing there');
    await acceptOffer(workbench);
    // The service cannot read it, and nothing is charged: the same image in another way.
    await workbench.pressInNotification('could not read the first frame', 'Send it in another way');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('Send the file inside the request');
    await acceptOffer(workbench);
    await until(
      'charged',
      () => fixture.emulator.ledger.charged().length,
      (count) => count === 2,
    );
  });

  it('in another way after the service refused it inside the request', async () => {
    const { emulator } = fixture;
    emulator.behaviour.acceptDataUrls = false;
    const host = started(await startWebServer(({ url }) => (url === '/boat.png' ? { body: IMAGE } : { status: 404 })));
    fixture.sandbox.changeSettings({ 'seedance.firstFrame.delivery': 'inline' });
    const { workbench } = await fixture.open({ 'boat.png': IMAGE });
    await setKey(workbench);
    await useAsFirstFrame(workbench, 'boat.png');
    await answer(workbench, 'What happens after the first frame?', 'The boat sails away');
    await offered(workbench);
    await workbench.pick('Aspect ratio');
    await workbench.pick('9:16');
    await acceptOffer(workbench);
    assert.match(
      await workbench.waitForNotification('does not take the first frame inside the request'),
      /Nothing was charged/,
    );
    await workbench.pressInNotification('does not take the first frame inside the request', 'Send it in another way');
    await question(workbench, 'First frame').waitFor();
    await workbench.pick('It is on the web');
    await answer(workbench, 'Link to boat.png', `${host.url}/boat.png`);
    const rows = (await offered(workbench)).join('\n');
    assert.match(rows, /Aspect ratio: 9:16[^]*First frame: boat\.png[^]*Prompt: The boat sails away/);
    await acceptOffer(workbench);
    await until(
      'charged',
      () => emulator.ledger.charged().length,
      (count) => count === 1,
    );
    assert.equal(sentImages().at(-1), `${host.url}/boat.png`);
  });
});

/** What the service was given as first frames, in turn. */
function sentImages(): string[] {
  return fixture.emulator.ledger.creates().flatMap(({ body }) => (body as { images?: string[] }).images ?? []);
}

function wasReadWithoutKeys(bucket: BucketServer, link: string): boolean {
  return bucket.seen.some(
    ({ method, url, headers }) => method === 'GET' && bucket.url + url === link && headers.authorization === undefined,
  );
}

async function useAsFirstFrame(workbench: Workbench, name: string): Promise<void> {
  await workbench.container('Seedance').waitFor();
  await workbench.openContainer('Explorer');
  const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
  await retry(20_000, async () => {
    if (!(await row.isVisible()))
      await workbench.page
        .locator('.explorer-folders-view .monaco-list-row', { hasText: 'кадры' })
        .first()
        .click({ timeout: 1_000 });
    await row.waitFor({ timeout: 2_000 });
  });
  await workbench.chooseInMenu(row, 'Use as first frame');
}

async function openOn(folder: string) {
  return fixture.openIn(await fixture.emptyProfile(), folder);
}
