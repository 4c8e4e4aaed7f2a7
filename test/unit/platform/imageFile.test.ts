import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Uri as VsCodeUri } from 'vscode';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { Uri, workspace } from '../../support/vscodeStub';

const { isInTrustedFolder } = await import('../../../src/platform/imageFile');

describe('programs run for an image', () => {
  let place: string;
  const trust = workspace as { isTrusted?: boolean; workspaceFolders?: { uri: Uri }[] | undefined };
  const file = (...names: string[]) => ({ ...Uri.file(''), fsPath: path.join(place, ...names) }) as unknown as Uri;
  const mayRun = (...names: string[]) => isInTrustedFolder(file(...names) as unknown as VsCodeUri);

  beforeEach(async () => {
    place = await makeTempDir();
    await mkdir(path.join(place, 'films', 'stills'), { recursive: true });
    await mkdir(path.join(place, 'films-of-others'));
    for (const folder of ['films', 'films/stills', 'films-of-others']) {
      await writeFile(path.join(place, folder, 'cat.png'), '');
    }
    trust.isTrusted = true;
    trust.workspaceFolders = [{ uri: file('gone') }, { uri: file('films') }];
  });

  afterEach(async () => {
    delete trust.isTrusted;
    trust.workspaceFolders = undefined;
    await removeTempDir(place);
  });

  it('in the folders of a trusted workspace, and nowhere else', async () => {
    assert.equal(await mayRun('films', 'cat.png'), true);
    assert.equal(await mayRun('films', 'stills', 'cat.png'), true);
    assert.equal(await mayRun('films-of-others', 'cat.png'), false, 'a folder with a longer name');
    assert.equal(await mayRun('films', 'no.png'), false, 'there is no such file');
    await symlink(path.join(place, 'films-of-others', 'cat.png'), path.join(place, 'films', 'link.png'));
    assert.equal(await mayRun('films', 'link.png'), false, 'a link that leads out');
  });

  it('in no workspace that is not trusted, nor without one', async () => {
    trust.isTrusted = false;
    assert.equal(await mayRun('films', 'cat.png'), false);
    trust.isTrusted = true;
    trust.workspaceFolders = undefined;
    assert.equal(await mayRun('films', 'cat.png'), false);
    trust.workspaceFolders = [{ uri: file('films') }];
    await rm(path.join(place, 'films'), { recursive: true });
    assert.equal(await mayRun('films', 'cat.png'), false);
  });
});
