import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Uri as VsCodeUri } from 'vscode';
import { makeTempDir, removeTempDir } from '../../support/tempDir';
import { png } from '../../support/imageHeaders';
import { Uri, workspace } from '../../support/vscodeStub';

const { isInTrustedFolder, readCandidate, readImageFile } = await import('../../../src/platform/imageFile');

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

describe('an image that a document names', () => {
  let place: string;
  const before = { ...workspace };
  const file = (...names: string[]) => Uri.file(path.join(place, ...names)) as unknown as VsCodeUri;

  beforeEach(async () => {
    place = await makeTempDir();
    for (const folder of ['archive/frames', 'films', 'private']) {
      await mkdir(path.join(place, folder), { recursive: true });
      await writeFile(path.join(place, folder, 'cat.png'), png(640, 480));
    }
    await symlink(path.join(place, 'private/cat.png'), path.join(place, 'archive/link.png'));
    await symlink(path.join(place, 'private'), path.join(place, 'archive/pictures'));
    await symlink(path.join(place, 'films/cat.png'), path.join(place, 'archive/shared.png'));
    await symlink(path.join(place, 'archive/frames/cat.png'), path.join(place, 'archive/own.png'));
    await symlink(path.join(place, 'archive'), path.join(place, 'way'));
    const workspaceFolders = [{ uri: Uri.file(path.join(place, 'films')) }];
    Object.assign(workspace, {
      workspaceFolders,
      getWorkspaceFolder: (uri: Uri) => workspaceFolders.find((folder) => uri.path.startsWith(`${folder.uri.path}/`)),
      fs: {
        stat: async (uri: Uri) => ({ type: 1, size: (await stat(uri.path)).size }),
        readFile: (uri: Uri) => readFile(uri.path),
      },
    });
  });

  afterEach(async () => {
    for (const name of Object.keys(workspace)) {
      Reflect.deleteProperty(workspace, name);
    }
    Object.assign(workspace, before);
    await removeTempDir(place);
  });

  it('is in the folder of that document or in the workspace, wherever links lead', async () => {
    const within = file('archive');
    for (const name of ['frames/cat.png', 'own.png', 'shared.png']) {
      await readImageFile(file('archive', name), { within });
      await readCandidate(file('archive', name), { within });
      // The document is opened by a way that is a link itself.
      await readImageFile(file('way', name), { within: file('way') });
    }
    await readImageFile(file('films/cat.png'), { within });
    for (const name of ['link.png', 'pictures/cat.png']) {
      const leadsOutside = {
        kind: 'leads-outside',
        facts: { path: path.join(place, 'private/cat.png'), isNamed: true },
      };
      await assert.rejects(readImageFile(file('archive', name), { within }), leadsOutside);
      await assert.rejects(readCandidate(file('archive', name), { within }), leadsOutside);
    }
    // It may be exchanged for a link before it is sent.
    const image = await readImageFile(file('archive/frames/cat.png'), { within });
    await rm(path.join(place, 'archive/frames/cat.png'));
    await symlink(path.join(place, 'private/cat.png'), path.join(place, 'archive/frames/cat.png'));
    await assert.rejects(image.file!.read(), { kind: 'leads-outside' });
  });

  it('is looked at only there, for each document by its own folder', async () => {
    const { ReferencedFiles } = await import('../../../src/platform/referencedFiles');
    const files = new ReferencedFiles();
    const kindOf = async (document: VsCodeUri, target: string) => {
      await files.look(document, { images: [target], videos: [] });
      return files.image(document, target)?.kind;
    };
    assert.equal(await kindOf(file('archive/fox.storyboard.md'), 'link.png'), 'unusable');
    assert.equal(await kindOf(file('archive/fox.storyboard.md'), 'pictures/cat.png'), 'unusable');
    assert.equal(await kindOf(file('archive/pictures/fox.storyboard.md'), 'cat.png'), 'usable');
    assert.equal(await kindOf(file('archive/fox.storyboard.md'), 'pictures/cat.png'), 'unusable');
    assert.equal(await kindOf(file('archive/fox.storyboard.md'), 'own.png'), 'usable');
  });

  it('is read wherever the user has chosen it', async () => {
    await readImageFile(file('archive/link.png'));
    await symlink(path.join(place, 'private/cat.png'), path.join(place, 'films/link.png'));
    await assert.rejects(readImageFile(file('films/link.png')), { kind: 'leads-outside' });
  });
});
