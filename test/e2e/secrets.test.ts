/** The secrets of the ways in which images get to the service: how they are told, kept for one server, and forgotten. */
import assert from 'node:assert/strict';
import { BUCKET, REGION, startBucket } from '../emulator/bucket';
import { startWebServer } from '../emulator/web';
import type { Workbench } from '../vscode/workbench';
import { answer, closeNotifications, giveUp, question, wholeMarkup } from './actions';
import { fixture } from './setup';

const HEADER = 'Bearer MARKED-7d20e1';
const FORGET = 'Forget the stored keys';

describe('the secrets for images', () => {
  it('of an upload are kept until they are forgotten or not needed, and shown for no other server', async () => {
    const images = new Map<string, Buffer>();
    const host = await startWebServer(async ({ method, url }, req) => {
      if (method === 'GET') return { body: images.get(url) ?? '' };
      images.set(url, Buffer.concat((await req.toArray()) as Buffer[]));
      return {};
    });
    const stranger = await startWebServer(() => ({ status: 404 }));
    fixture.sandbox.changeSettings(
      of('http', { url: `${host.url}/{hash}.{type}`, method: 'PUT', headerName: 'X-Upload-Key' }),
    );
    const { workbench } = await fixture.open();
    const toHeader = async (address?: string) => {
      if (address === undefined) await keep(workbench, /: Address$/);
      else await answer(workbench, /: Address$/, address);
      await keep(workbench, 'HTTP method');
    };
    const works = async () => {
      await keep(workbench, 'Where the link is in the answer');
      await workbench.waitForNotification('a small test image was uploaded');
      await closeNotifications(workbench);
    };
    try {
      await setUp(workbench, 'upload', undefined);
      await toHeader();
      await keep(workbench, 'Name of the header');
      await answer(workbench, /: X-Upload-Key$/, HEADER);
      await works();
      assert.ok(host.seen.some(({ headers }) => headers['x-upload-key'] === HEADER));

      await setUp(workbench, 'upload', 'Change or try it…');
      await toHeader(`${stranger.url}/{hash}.{type}`);
      await keep(workbench, 'Name of the header');
      assert.equal(await told(workbench, /: X-Upload-Key$/), '');
      await giveUp(workbench);
      assert.deepEqual(stranger.seen, []);

      await setUp(workbench, 'upload', 'Change or try it…');
      await toHeader();
      await keep(workbench, 'Name of the header');
      assert.equal(await told(workbench, /: X-Upload-Key$/), HEADER, 'what was given up has changed nothing');
      await giveUp(workbench);
      assert.ok(!(await wholeMarkup(workbench)).includes(HEADER));

      await setUp(workbench, 'upload', 'Change or try it…');
      await toHeader();
      await answer(workbench, 'Name of the header', '');
      await works();
      assert.equal(host.seen.at(-1)?.headers['x-upload-key'], undefined);
      await setUp(workbench, 'upload', undefined);
      await toHeader();
      await answer(workbench, 'Name of the header', 'X-Upload-Key');
      assert.equal(await told(workbench, /: X-Upload-Key$/), '');
    } finally {
      await Promise.all([host.close(), stranger.close()]);
    }
  });

  it('of a bucket are kept until they are forgotten, and shown for no other server', async () => {
    const bucket = await startBucket();
    const { accessKeyId, secretAccessKey } = bucket.keys;
    fixture.sandbox.changeSettings(of('s3', { endpoint: bucket.url, region: REGION, bucket: BUCKET }));
    const { workbench } = await fixture.open();
    const toKeys = async (endpoint?: string) => {
      await keep(workbench, /^Set up image bucket$/);
      if (endpoint === undefined) await keep(workbench, 'Endpoint');
      else await answer(workbench, 'Endpoint', endpoint);
      for (const title of ['Region', /: Bucket$/, 'Folder in the bucket']) await keep(workbench, title);
    };
    try {
      await setUp(workbench, 'bucket', undefined);
      await toKeys();
      await answer(workbench, 'Access key ID', accessKeyId);
      await answer(workbench, 'Secret access key', 'a wrong one');
      await workbench.quickInput.getByText('The secret key does not fit the key ID.').first().waitFor();
      await giveUp(workbench);

      await setUp(workbench, 'bucket', undefined);
      await toKeys();
      assert.equal(await told(workbench, 'Access key ID'), '', 'what did not work was not kept');
      await answer(workbench, 'Access key ID', accessKeyId);
      await answer(workbench, 'Secret access key', secretAccessKey);
      await workbench.waitForNotification('The bucket frames works');
      await closeNotifications(workbench);

      await setUp(workbench, 'bucket', 'Change or try it…');
      await toKeys('http://127.0.0.1:1');
      assert.equal(await told(workbench, 'Access key ID'), '');
      await giveUp(workbench);

      await setUp(workbench, 'bucket', 'Change or try it…');
      await toKeys();
      assert.equal(await told(workbench, 'Access key ID'), accessKeyId, 'what was given up has changed nothing');
      await giveUp(workbench);

      await setUp(workbench, 'bucket', FORGET);
      await workbench.waitForNotification('The keys were removed from this computer.');
      await setUp(workbench, 'bucket', undefined);
      await toKeys();
      assert.equal(await told(workbench, 'Access key ID'), '');
      await giveUp(workbench);
      assert.ok(!(await wholeMarkup(workbench)).includes(secretAccessKey));
    } finally {
      await bucket.close();
    }
  });

  it('of a temporary key have a step for the session token, which a lasting key has not', async () => {
    const bucket = await startBucket();
    const { accessKeyId } = bucket.keys;
    fixture.sandbox.changeSettings(of('s3', { endpoint: bucket.url, region: REGION, bucket: BUCKET }));
    const { workbench } = await fixture.open();
    const token = 'MARKED-session/token+of=a-role';
    try {
      await setUp(workbench, 'bucket', undefined);
      await keep(workbench, /^Set up image bucket$/);
      for (const title of ['Endpoint', 'Region', /: Bucket$/, 'Folder in the bucket']) await keep(workbench, title);
      await answer(workbench, 'Access key ID', 'ASIAEXAMPLE0000000001');
      await question(workbench, 'Session token').waitFor();
      assert.equal(await workbench.quickInput.locator('input[type=password]').count(), 1, 'the token can be read');
      assert.match(await workbench.quickInput.innerText(), /Temporary keys have one, and end with it/);
      await answer(workbench, 'Session token', token);
      await answer(workbench, 'Secret access key', 'a secret');
      await workbench.quickInput.getByText('does not know this key ID').first().waitFor();
      for (const title of ['Session token', 'Access key ID']) {
        await workbench.quickInput.locator('.quick-input-titlebar .codicon-quick-input-back').click();
        await question(workbench, title).waitFor();
      }
      await answer(workbench, 'Access key ID', accessKeyId);
      await question(workbench, 'Secret access key').waitFor();
      assert.ok(!(await wholeMarkup(workbench)).includes(token));
      await giveUp(workbench);
    } finally {
      await bucket.close();
    }
  });
});

const of = (way: string, values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`seedance.firstFrame.${way}.${key}`, value]));

/** @param choice what to do with the secrets that are there; `undefined`: there are none, and none are offered */
async function setUp(workbench: Workbench, what: 'upload' | 'bucket', choice: string | undefined): Promise<void> {
  await workbench.runCommand(`Seedance: Set up image ${what}…`);
  await question(workbench, `Set up image ${what}`).waitFor();
  if (choice === undefined) {
    assert.equal(await workbench.quickInput.locator('.monaco-list-row', { hasText: FORGET }).count(), 0);
  } else {
    await workbench.pick(choice);
    // What comes next may have the same title.
    await workbench.quickInput.locator('.monaco-list-row', { hasText: FORGET }).waitFor({ state: 'hidden' });
  }
}

/** Leaves the answer as it stands there. */
async function keep(workbench: Workbench, title: string | RegExp): Promise<void> {
  await question(workbench, title).waitFor();
  await workbench.page.keyboard.press('Enter');
}

/** What a box holds that nobody has typed into yet. */
async function told(workbench: Workbench, title: string | RegExp): Promise<string> {
  await question(workbench, title).waitFor();
  return workbench.quickInput.locator('input').first().inputValue();
}
