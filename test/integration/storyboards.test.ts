import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { waitFor } from '../support/waitFor';

const READY_MS = 20_000;
const TEXT = `---
model: seedance-1-5-pro-audio-720P-5s
ratio: 4:3
---
# The letter

## Cast
- **Vera**: a young woman in a cream sweater.

## Shot 1: Night
- first frame: ![](frames/desk.png)

> Close-up of @Vear at a desk.

## Shot 2: Rain
- continue: Shot 1

> @Vera waits, and @Vera smiles.
`;

describe('a storyboard', () => {
  let document: vscode.TextDocument;

  before(async () => {
    const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'letter.storyboard.md');
    await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(TEXT));
    document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document);
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.workspace.fs.delete(document.uri);
  });

  const told = () => vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Seedance');
  const toldWhen = (fits: (codes: string[]) => boolean) =>
    waitFor(
      () => {
        const found = told();
        return Promise.resolve(
          fits(found.map(({ code }) => (typeof code === 'string' ? code : ''))) ? found : undefined,
        );
      },
      { withinMs: READY_MS, what: 'the diagnostics' },
    );
  const placeOf = (words: string, offset = 0) => document.positionAt(document.getText().indexOf(words) + offset);
  const complete = async (at: vscode.Position, trigger?: string) =>
    (
      await vscode.commands.executeCommand<vscode.CompletionList>(
        'vscode.executeCompletionItemProvider',
        document.uri,
        at,
        trigger,
      )
    ).items.map(({ label }) => (typeof label === 'string' ? label : label.label));

  it('is told what is wrong at the words that it is about', async () => {
    const diagnostics = await toldWhen((codes) => codes.length === 3 && codes.includes('missing-image'));
    assert.deepEqual(
      diagnostics.map(({ code, range }) => [code, document.getText(range)]),
      [
        ['unknown-ratio', '4:3'],
        ['missing-image', '![](frames/desk.png)'],
        ['unknown-name', '@Vear'],
      ],
    );
  });

  it('is mended by quick fixes, each one step that can be undone', async () => {
    for (const [words, title] of [
      ['4:3', 'Write: 9:16'],
      ['@Vear', 'Write: Vera'],
    ] as const) {
      const before = document.getText();
      const start = placeOf(words);
      const range = new vscode.Range(start, start.translate(0, words.length));
      // VS Code answers with nothing when another extension registers its actions meanwhile.
      const edit = await waitFor(
        async () => {
          const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
            'vscode.executeCodeActionProvider',
            document.uri,
            range,
            vscode.CodeActionKind.QuickFix.value,
          );
          return actions.find((one) => one.title === title)?.edit;
        },
        { withinMs: READY_MS, what: title },
      );
      await vscode.workspace.applyEdit(edit);
      const after = document.getText();
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
      await vscode.commands.executeCommand('redo');
      assert.equal(document.getText(), after);
    }
    assert.equal(document.getText(), TEXT.replace('4:3', '"9:16"').replace('@Vear', '@Vera'));
    await toldWhen((codes) => codes.join() === 'missing-image');
  });

  it('completes settings, models, shots and names', async () => {
    assert.ok((await complete(placeOf('pro-audio'))).includes('seedance-1-pro-720P-10s'));
    assert.deepEqual((await complete(placeOf('Shot 1\n\n> @'), ' ')).slice(0, 1), ['Shot 1']);
    assert.ok((await complete(placeOf('@Vera waits', 1), '@')).includes('@Vera'));
    assert.ok((await complete(placeOf('continue'))).includes('first frame'));
    assert.ok((await complete(placeOf('smiles'))).includes('slow push in'));
  });

  it('shows the text that is sent', async () => {
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      placeOf('waits'),
    );
    const text = hovers
      .flatMap(({ contents }) => contents.map((one) => (one as vscode.MarkdownString).value))
      .join('\n');
    assert.match(text.replaceAll('\\', ''), /Vera \(a young woman in a cream sweater\) waits, and Vera smiles\./);
  });

  it('renames a name of the cast wherever it is, and leads to it', async () => {
    const at = placeOf('@Vera waits', 2);
    const places = await vscode.commands.executeCommand<vscode.LocationLink[]>(
      'vscode.executeDefinitionProvider',
      document.uri,
      at,
    );
    assert.deepEqual(places[0]?.targetRange.start, placeOf('Vera**'));
    const before = document.getText();
    const edit = await vscode.commands.executeCommand<vscode.WorkspaceEdit>(
      'vscode.executeDocumentRenameProvider',
      document.uri,
      at,
      'Anna',
    );
    await vscode.workspace.applyEdit(edit);
    assert.equal(document.getText(), before.replaceAll('Vera', 'Anna'));
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), before);
  });

  it('has over each shot what can be done, and what it costs', async () => {
    const lensesOf = async () =>
      (await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 20)).map(
        ({ range, command }) => `${range.start.line + 1} ${command?.title.replaceAll('\u00a0', ' ') ?? ''}`,
      );
    // The first shot has no picture, so neither it nor what continues it can be sent.
    assert.deepEqual(await lensesOf(), ['15 Cannot begin: Shot 1 has no take', '15 Continues Shot 1']);
    const edit = new vscode.WorkspaceEdit();
    const at = placeOf('- first frame');
    edit.delete(document.uri, new vscode.Range(at, at.translate(1)));
    await vscode.workspace.applyEdit(edit);
    assert.deepEqual(await lensesOf(), [
      '5 Generate 2 missing shots (112 ₽)',
      '10 Generate (56 ₽ · 5 s)',
      '14 Generate up to here: 2 shots (112 ₽)',
      '14 Continues Shot 1',
    ]);
    await vscode.commands.executeCommand('undo');
  });

  it('is one by its name only', async () => {
    const other = vscode.Uri.joinPath(document.uri, '..', 'letter.md');
    await vscode.workspace.fs.writeFile(other, new TextEncoder().encode(TEXT));
    const plain = await vscode.workspace.openTextDocument(other);
    const found = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      other,
      plain.positionAt(TEXT.indexOf('Shot 1\n\n> @')),
      ' ',
    );
    assert.ok(!found.items.some(({ label }) => label === 'Shot 1'));
    assert.deepEqual(vscode.languages.getDiagnostics(other), []);
    await vscode.workspace.fs.delete(other);
  });
});
