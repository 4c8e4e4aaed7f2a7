import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { createManualClock } from '../../support/clocks';
import { EventEmitter, executed, window } from '../../support/vscodeStub';

const { hasImageInSight, ImageInSight } = await import('../../../src/views/imageInSight');

function editorOf(lines: string[], visible: [number, number], cursor = visible[0], languageId = 'markdown') {
  const read = { lines: 0 };
  const editor = {
    document: { languageId, lineAt: (line: number) => (read.lines++, { text: lines[line]! }) },
    visibleRanges: [{ start: { line: visible[0] }, end: { line: visible[1] } }],
    selection: { active: { line: cursor } },
  };
  return { editor: editor as unknown as vscode.TextEditor, read };
}

describe('an image in sight', () => {
  it('is a reference in the lines that are seen, or where the cursor is', () => {
    for (const line of ['![boat](boat)', '<IMG src="x">', 'see img/boat.PNG here', '![x][y]', 'a.jpeg']) {
      assert.ok(hasImageInSight(editorOf(['text', line], [0, 1]).editor), line);
    }
    assert.ok(!hasImageInSight(editorOf(['A fox', '[link](fox.md)', 'fox.pngs'], [0, 2]).editor));
    assert.ok(!hasImageInSight(editorOf(['A fox', '![boat](boat.png)'], [0, 0]).editor));
    assert.ok(hasImageInSight(editorOf(['A fox', '![boat](boat.png)'], [0, 0], 1).editor));
  });

  it('is looked for once for many moves of the cursor, told only when it changes, and not in other languages', () => {
    const before = { ...window };
    const moved = new EventEmitter<{ textEditor: vscode.TextEditor }>();
    const clock = createManualClock(0);
    const { editor, read } = editorOf(['![boat](boat.png)'], [0, 0]);
    Object.assign(window, {
      activeTextEditor: editor,
      onDidChangeTextEditorSelection: moved.event,
      onDidChangeTextEditorVisibleRanges: new EventEmitter().event,
      onDidChangeActiveTextEditor: new EventEmitter().event,
    });
    const told = () => executed.filter(([, key]) => key === 'seedance.imageInSight').map(([, , value]) => value);
    const already = told().length;
    const context = new ImageInSight(clock);
    try {
      for (let move = 0; move < 1_000; move++) {
        moved.fire({ textEditor: editor });
      }
      assert.equal(read.lines, 0);
      clock.advance(1_000);
      assert.equal(read.lines, 1);
      assert.deepEqual(told().slice(already), [true]);
      moved.fire({ textEditor: editor });
      clock.advance(1_000);
      assert.deepEqual(told().slice(already), [true]);
      moved.fire({ textEditor: editorOf(['const a = 1;'], [0, 0], 0, 'typescript').editor });
      assert.equal(clock.armed, 0);
    } finally {
      context.dispose();
      Object.assign(window, before);
      Reflect.deleteProperty(window, 'activeTextEditor');
    }
  });
});
