/** The small pictures of finished videos: what is drawn, and where it is seen. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { POSTER_MAX_BYTES } from '../../src/tasks/model/poster';
import { sceneOf } from '../emulator/video/scene';
import { encodeBlackFirst } from '../support/blackFirstFilm';
import type { Workbench } from '../vscode/workbench';
import { generate, inPage, preview, rowOf, setKey, until, waitForPage, waitForState } from './actions';
import { fixture } from './setup';

const PROMPT = 'A lighthouse in the morning fog';

describe('posters', () => {
  it('are of a telling frame, not of the black one that a video begins with', async () => {
    const { behaviour } = fixture.emulator;
    behaviour.video = (task) => encodeBlackFirst(sceneOf(task, behaviour), 18);
    fixture.sandbox.changeSettings({ 'seedance.model': 'seedance-1-pro-480P-2s' });
    const { workbench } = await fixture.open();
    await setKey(workbench);
    await generate(workbench, PROMPT);
    const row = await rowOf(workbench, 'A lighthouse');
    await waitForState(row, /^Ready$/);
    assert.deepEqual(await posters(), []);
    const page = await preview(workbench, row);
    await waitForPage(page, 'ready');
    const before = await inPage<number>(page, 'document.querySelectorAll("video").length');
    const [poster] = await until('posters', posters, (found) => found.length === 1);
    assert.ok(poster!.length <= POSTER_MAX_BYTES, String(poster!.length));
    const { width, height, mean, deviation } = await look(workbench, poster!);
    assert.deepEqual({ width, height }, { width: 480, height: 270 });
    assert.ok(mean > 40 && deviation > 20, `${mean} ${deviation}`);
    // What the user plays goes on as it was.
    assert.equal(before, 1);
    assert.equal(await inPage<boolean>(page, 'document.querySelector("#video").paused'), false);
  });
});

async function posters(): Promise<Buffer[]> {
  const folder = path.join(fixture.storage, 'videos');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.poster.jpg'));
  return Promise.all(names.map((name) => readFile(path.join(folder, name))));
}

/** What a picture shows: its size, and the mean and the standard deviation of its light, 0 to 255. */
async function look({ page }: Workbench, jpeg: Buffer) {
  return page.evaluate<{ width: number; height: number; mean: number; deviation: number }>(`(async () => {
    const bytes = Uint8Array.from(atob('${jpeg.toString('base64')}'), (letter) => letter.charCodeAt(0));
    const { width, height } = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    context.drawImage(await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' })), 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const light = [];
    for (let at = 0; at < data.length; at += 4) light.push((data[at] + data[at + 1] + data[at + 2]) / 3);
    const mean = light.reduce((sum, value) => sum + value, 0) / light.length;
    const deviation = Math.sqrt(light.reduce((sum, value) => sum + (value - mean) ** 2, 0) / light.length);
    return { width, height, mean, deviation };
  })()`);
}
