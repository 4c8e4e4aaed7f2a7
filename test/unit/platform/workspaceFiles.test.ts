import assert from 'node:assert/strict';
import fs from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type * as vscode from 'vscode';
import { patchFs, systemError } from '../../support/faultyFs';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { messages, Uri, workspace } from '../../support/vscodeStub';
import { toFileStem } from '../../../src/common/fileName';

const { copyToUniqueName, ensureSaveFolder, resolveVariables } = await import('../../../src/platform/workspaceFiles');
const { showError } = await import('../../../src/ui/showError');

const uriOf = (file: string) => Uri.file(file) as unknown as vscode.Uri;

/** A file system whose names end at so many bytes. */
function limitNames(bytes: number): () => void {
  const { link, open, lstat, rename } = fs.promises;
  const check = (name: unknown, syscall: string) =>
    Buffer.byteLength(path.basename(String(name))) > bytes
      ? Promise.reject(systemError('ENAMETOOLONG', syscall))
      : undefined;
  return patchFs({
    link: (async (from: string, to: string) => {
      await check(to, 'link');
      return link(from, to);
    }) as never,
    open: (async (name: string, ...rest: never[]) => {
      await check(name, 'open');
      return open(name, ...rest);
    }) as never,
    lstat: (async (name: string, ...rest: never[]) => {
      await check(name, 'lstat');
      return lstat(name, ...rest);
    }) as never,
    rename: (async (from: string, to: string) => {
      await check(to, 'rename');
      return rename(from, to);
    }) as never,
  });
}

describe('a video that is saved where names are short', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await makeTempDir();
    await mkdir(path.join(folder, 'out'));
    await writeFile(path.join(folder, 'video'), 'the video');
  });
  afterEach(() => removeTempDir(folder));

  const prompts = {
    Latin: 'a ginger cat jumps onto a sunlit window sill in slow motion and looks out',
    Russian: 'рыжий кот прыгает на залитый солнцем подоконник в замедленной съёмке и смотрит',
    Chinese: '一只姜黄色的猫以慢动作跳上阳光明媚的窗台'.repeat(5),
    emoji: '👩‍👩‍👧🐈🌅'.repeat(30),
  };
  // The hidden name under which it is written has 30 bytes.
  for (const bytes of [255, 143, 100, 64, 40]) {
    for (const [script, prompt] of Object.entries(prompts)) {
      it(`of ${bytes} bytes, by a prompt in ${script}: whole, beside its JSON, and not over another`, async () => {
        const restore = limitNames(bytes);
        try {
          const stem = toFileStem(prompt);
          const names: string[] = [];
          for (let times = 0; times < 3; times++) {
            const saved = await copyToUniqueName(
              path.join(folder, 'video'),
              uriOf(path.join(folder, 'out')),
              stem,
              '.mp4',
              '.json',
            );
            names.push(saved.stem);
            assert.ok(stem.startsWith(saved.stem.replace(/-\d$/, '')), saved.stem);
          }
          assert.equal(new Set(names).size, 3);
          const files = await readdir(path.join(folder, 'out'));
          assert.deepEqual(files.sort(), names.map((name) => `${name}.mp4`).sort());
          for (const file of files) {
            assert.ok(Buffer.byteLength(file) <= bytes);
            assert.equal(await readFile(path.join(folder, 'out', file), 'utf8'), 'the video');
          }
        } finally {
          restore();
        }
      });
    }
  }
});

describe('a workspace folder that is gone or cannot be read', () => {
  afterEach(() => delete (workspace as Record<string, unknown>)['fs']);

  for (const [how, stat] of [
    ['gone', () => Promise.reject(systemError('ENOENT', 'stat'))],
    ['not readable', () => Promise.reject(systemError('EACCES', 'stat'))],
    ['a file', () => Promise.resolve({ type: 1 })],
  ] as const) {
    it(`${how}: is named, and not made anew`, async () => {
      Object.assign(workspace, { fs: { stat, createDirectory: () => assert.fail('made anew') } });
      const error = await ensureSaveFolder(uriOf('/media/disk/Мои фильмы'), 'seedance').catch((e: unknown) => e);
      showError({ log: { info: () => undefined, error: () => undefined }, now: () => 0 }, 'test', error);
      assert.match(messages.at(-1)!.text, /“Мои фильмы” is not there or cannot be read\. The video is not lost/);
    });
  }
});

describe('variables in the setting saveFolder', () => {
  const home = homedir();
  const folder = uriOf(path.join(home, 'projects', 'film'));
  before(() => void (process.env['SEEDANCE_TEST_FOLDER'] = 'clips'));
  after(() => void delete process.env['SEEDANCE_TEST_FOLDER']);

  for (const [setting, expected] of [
    ['seedance', 'seedance'],
    ['${workspaceFolder}/videos', 'videos'],
    ['${workspaceFolder}', ''],
    ['${workspaceFolderBasename}/videos', 'film/videos'],
    ['~/projects/film/videos', 'videos'],
    ['${userHome}/projects/film/videos', 'videos'],
    ['out/${env:SEEDANCE_TEST_FOLDER}', 'out/clips'],
    ['out${pathSeparator}x', 'out/x'],
    ['~x/videos', '~x/videos'],
    // Elsewhere: refused with a sentence, not made inside of the workspace under a strange name.
    ['~', undefined],
    ['~/Videos', undefined],
    ['${userHome}/Videos', undefined],
    ['${workspaceFolder}/../other', undefined],
  ] as const) {
    it(`${setting}: ${expected ?? 'leads elsewhere'}`, () => assert.equal(resolveVariables(setting, folder), expected));
  }

  for (const setting of ['${env:SEEDANCE_TEST_NOT_SET}/x', '${file}/x', 'x/${command:pick}', '${env:}']) {
    it(`${setting} is named as not known`, () =>
      assert.throws(() => resolveVariables(setting, folder), /saveFolder variable/));
  }
});
