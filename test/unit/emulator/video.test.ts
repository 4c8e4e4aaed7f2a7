import assert from 'node:assert/strict';
import { startEmulator, type Emulator } from '../../emulator/emulator';
import { Probe } from '../../emulator/probe';
import { mp4Facts } from '../../emulator/video/facts';
import { glyphOf, hasGlyph } from '../../emulator/video/font';
import { frameAt } from '../../emulator/video/frame';
import { sceneOf, secondsOf, sizeOf, type Scene } from '../../emulator/video/scene';
import { textWidth, wrap } from '../../emulator/video/text';

const SMALL = { shortSidePx: 90, fps: 8 };

function scene(prompt: string, ar: Scene['ar'] = '16:9', model = 'seedance-1-pro-480P-2s'): Scene {
  return sceneOf({ prompt, ar, model, firstFrame: undefined }, SMALL);
}

describe('emulator: videos', () => {
  describe('files', function () {
    // Encoding takes a second of a processor that may be busy with other tests.
    this.timeout(20_000);

    let emulator: Emulator;
    let probe: Probe;

    const download = async (request: Record<string, unknown>): Promise<Buffer> => {
      const response = await fetch(await probe.link(request));
      return Buffer.from(await response.arrayBuffer());
    };

    before(async () => {
      emulator = await startEmulator({ video: 'real', ...SMALL });
      probe = new Probe(emulator);
    });

    after(() => emulator.close());

    it('are H.264 of the length and shape that were asked for', async () => {
      for (const [ar, seconds, width, height] of [
        ['16:9', 2, 160, 90],
        ['9:16', 5, 90, 160],
        ['1:1', 2, 90, 90],
      ] as const) {
        const facts = mp4Facts(await download({ ar, model: `seedance-1-pro-480P-${seconds}s` }));
        assert.equal(facts.codec, 'avc1');
        assert.deepEqual({ width: facts.width, height: facts.height }, { width, height });
        assert.equal(facts.frames, seconds * SMALL.fps);
        // One each second, or players cannot seek.
        assert.deepEqual(
          facts.keyFrames,
          Array.from({ length: seconds }, (_, second) => second * SMALL.fps + 1),
        );
        assert.ok(Math.abs(facts.seconds - seconds) < 0.05, `${facts.seconds} s`);
      }
    });

    it('differ with the prompt, and with the task', async () => {
      const [fox, otherFox, cat] = [
        await download({ prompt: 'fox' }),
        await download({ prompt: 'fox' }),
        await download({}),
      ];
      assert.notDeepEqual(fox, otherFox);
      assert.equal(fox.length, otherFox.length);
      assert.notDeepEqual(cat.subarray(100, 2_000), fox.subarray(100, 2_000));
    });

    it('are whole MP4 files when tiny, too', async () => {
      const tiny = await startEmulator();
      try {
        const response = await fetch(await new Probe(tiny).link({ ar: '9:16' }));
        const { codec, width, height, frames } = mp4Facts(new Uint8Array(await response.arrayBuffer()));
        assert.deepEqual({ codec, width, height, frames }, { codec: 'avc1', width: 90, height: 160, frames: 6 });
      } finally {
        await tiny.close();
      }
    });

    it('that are cut short are told from whole ones', async () => {
      const whole = await download({});
      assert.throws(() => mp4Facts(whole.subarray(0, whole.length >> 1)));
      assert.throws(() => mp4Facts(Buffer.from('<html>')));
    });
  });

  describe('pictures', () => {
    it('are the same for the same scene and frame', () => {
      assert.deepEqual(frameAt(scene('a fox'), 3), frameAt(scene('a fox'), 3));
    });

    it('differ from frame to frame, from prompt to prompt', () => {
      assert.notDeepEqual(frameAt(scene('a fox'), 3).data, frameAt(scene('a fox'), 4).data);
      assert.notDeepEqual(frameAt(scene('a fox'), 3).data, frameAt(scene('a cat'), 3).data);
    });

    it('hold the longest prompt', () => {
      const long = scene('слово '.repeat(2_000), '9:16');
      const { width, height, data } = frameAt(long, 0);
      assert.equal(data.length, width * height * 4);
    });

    it('have the exact ratio and even sides at any size', () => {
      for (const px of [10, 90, 100, 432, 480, 1080]) {
        for (const ar of ['16:9', '9:16', '1:1'] as const) {
          const { width, height } = sizeOf(ar, px);
          const [across = 0, down = 0] = ar.split(':').map(Number);
          assert.equal(width * down, height * across);
          assert.deepEqual({ width: width % 2, height: height % 2 }, { width: 0, height: 0 });
        }
      }
      assert.deepEqual(sizeOf('16:9', 1080), { width: 1920, height: 1080 });
    });

    it('are as many as the model says', () => {
      assert.equal(secondsOf('seedance-2-4K-15s'), 15);
      assert.equal(secondsOf('seedance-2'), 5);
      assert.equal(scene('a fox').frames, 16);
    });
  });

  describe('letters', () => {
    const codes = (from: string, to: string): string[] => {
      const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)];
      return Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));
    };

    it('are drawn for Russian, English and ASCII signs', () => {
      for (const letter of [...codes('А', 'я'), 'Ё', 'ё', ...codes(' ', '~'), ...'«»—–…№₽“”’']) {
        assert.ok(hasGlyph(letter), `no glyph for ${letter}`);
      }
    });

    it('are drawn clean, and each its own way', () => {
      const drawings = new Map<string, string>();
      for (const letter of [...codes('Б', 'я'), 'Ё', 'ё', ...codes('0', '9')]) {
        const { top, rows, width } = glyphOf(letter);
        assert.ok(
          rows.every((row) => row.length === width && /^[#.]+$/.test(row)),
          letter,
        );
        assert.ok(top + rows.length <= 11, letter);
        const drawing = `${top} ${rows.join('/')}`;
        assert.equal(drawings.get(drawing), undefined, `${letter} looks like ${drawings.get(drawing)}`);
        drawings.set(drawing, letter);
      }
    });

    it('fall back to the bare letter, and to a box', () => {
      assert.equal(glyphOf('é'), glyphOf('e'));
      assert.equal(glyphOf('中'), glyphOf('�'));
    });

    it('are wrapped between words, and within words that are too long', () => {
      const width = textWidth('лиса бежит', 2);
      assert.deepEqual(wrap('лиса бежит по снегу', width, 2), ['лиса бежит', 'по снегу']);
      const lines = wrap('w'.repeat(50), width, 2);
      assert.ok(lines.length > 1 && lines.every((line) => textWidth(line, 2) <= width));
      assert.deepEqual(wrap(' \n ', width, 2), []);
    });
  });
});
