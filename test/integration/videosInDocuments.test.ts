import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { storedTasks } from './extension';
import { withInput } from './inputBoxDriver';
import { collectWarnings } from './messages';
import { service } from './service';
import { waitFor } from '../support/waitFor';

const READY_MS = 20_000;
const settings = () => vscode.workspace.getConfiguration('seedance');
const run = <T>(command: string, ...args: unknown[]) => vscode.commands.executeCommand<T>(command, ...args);

describe('a finished video', () => {
  let id: string;
  let folder: vscode.Uri;

  before(async () => {
    await service.clearLedger();
    await service.clearFaults();
    const { key } = await service.about();
    await withInput(key, () => run('seedance.setApiKey'));
    await settings().update('confirmAbove', 1_000, vscode.ConfigurationTarget.Global);
    folder = vscode.workspace.workspaceFolders![0]!.uri;
    const model = 'seedance-1-pro-fast-480P-2s';
    id = (await run<string>('seedance.generate', { prompt: 'An owl [wide]', model, ask: false }))!;
    await waitFor(
      async () => {
        const task = (await storedTasks()).find((one) => one.id === id);
        await run('seedance.task.check', id);
        return task?.state === 'done' && task.localCopy !== undefined ? task : undefined;
      },
      { withinMs: READY_MS, what: 'the video' },
    );
  });
  after(async () => {
    await run('workbench.action.revertAndCloseActiveEditor');
    await run('workbench.action.closeAllEditors');
    await run('seedance.task.remove', id);
    await settings().update('confirmAbove', undefined, vscode.ConfigurationTarget.Global);
    await run('seedance.removeApiKey');
  });

  /** Opens a document of the workspace with a cursor in it, or with this text selected. */
  async function openDocument(name: string, content: string, selected?: string): Promise<vscode.TextEditor> {
    const uri = vscode.Uri.joinPath(folder, name);
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(content));
    await run('workbench.action.closeAllEditors');
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document);
    const start = document.positionAt(selected === undefined ? content.length : content.indexOf(selected));
    const end = document.positionAt(document.offsetAt(start) + (selected?.length ?? 0));
    editor.selection = new vscode.Selection(start, end);
    return editor;
  }

  const savedFiles = async () =>
    (await vscode.workspace.fs.readDirectory(vscode.Uri.joinPath(folder, 'seedance')))
      .map(([name]) => name)
      .filter((name) => name.startsWith('An-owl') && name.endsWith('.mp4'));

  it('is saved and inserted where the cursor is, in one step that can be undone', async () => {
    const editor = await openDocument('docs/owl.md', '# Owl\n\n');
    await run('seedance.task.insert', id);
    assert.equal(editor.document.getText(), '# Owl\n\n[An owl \\[wide\\]](../seedance/An-owl-wide.mp4)');
    await run('undo');
    assert.equal(editor.document.getText(), '# Owl\n\n');
    await run('seedance.task.insert', id);
    assert.deepEqual(await savedFiles(), ['An-owl-wide.mp4'], 'saved once');
    await editor.document.save();
  });

  it('is inserted behind what is selected, and replaces nothing', async () => {
    const editor = await openDocument('owl.html', '<p>An owl</p>\n', 'An owl');
    await run('seedance.task.insert', { id });
    assert.match(
      editor.document.getText(),
      /^<p>An owl\n<video src="seedance\/An-owl-wide\.mp4" width="\d+" height="\d+" controls loop playsinline>\n {2}<a href="seedance\/An-owl-wide\.mp4">An owl \[wide\]<\/a>\n<\/video><\/p>\n$/,
    );
    await editor.document.save();
  });

  it('is a path in a file of a program, and in a document that has no file yet', async () => {
    const editor = await openDocument('src/owl.py', 'PATH = ""\n');
    await run('seedance.task.insert', id);
    assert.equal(editor.document.getText(), 'PATH = ""\n../seedance/An-owl-wide.mp4');
    await editor.document.save();
    await run('workbench.action.closeAllEditors');
    const untitled = await vscode.workspace.openTextDocument({ language: 'plaintext', content: '' });
    await vscode.window.showTextDocument(untitled);
    await run('seedance.task.insert', id);
    assert.equal(untitled.getText(), 'seedance/An-owl-wide.mp4');
    await run('workbench.action.revertAndCloseActiveEditor');
  });

  it('is copied as Markdown, by the file too', async () => {
    await run('workbench.action.closeAllEditors');
    await run('seedance.task.copyMarkdown', id);
    assert.equal(await vscode.env.clipboard.readText(), '[An owl \\[wide\\]](seedance/An-owl-wide.mp4)');
    await vscode.env.clipboard.writeText('');
    await run('seedance.task.copyMarkdown', vscode.Uri.joinPath(folder, 'seedance', 'An-owl-wide.mp4'));
    assert.equal(await vscode.env.clipboard.readText(), '[An owl \\[wide\\]](seedance/An-owl-wide.mp4)');
  });

  it('is not inserted where there is no document, and says so', async () => {
    await run('workbench.action.closeAllEditors');
    const warnings = await collectWarnings(() => Promise.resolve(run('seedance.task.insert', id)));
    assert.deepEqual(warnings.length, 1);
    assert.match(warnings[0]!, /Open a document beside.*Nothing was inserted/);
  });
});
