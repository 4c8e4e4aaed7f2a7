import assert from 'node:assert/strict';
import {
  TabInputCustom,
  TabInputNotebook,
  TabInputText,
  TabInputTextDiff,
  TabInputWebview,
  tabGroups,
  Uri,
  ViewColumn,
} from '../../../support/vscodeStub';

const { getColumnToReveal, getPreviewColumn } = await import('../../../../src/views/preview/previewColumn');

const text = new TabInputText(Uri.file('/prompts.md'));
/** As VS Code names the panels of extensions. */
const preview = new TabInputWebview('mainThreadWebview-seedance.preview');
const image = new TabInputCustom(Uri.file('/fox.png'));

/** Columns from left to right, the last tab of each in front. */
function columns(active: number, ...inputs: unknown[][]): void {
  tabGroups.all = inputs.map((group, at) => {
    const tabs = group.map((input) => ({ input }));
    return { viewColumn: at + 1, tabs, activeTab: tabs.at(-1) };
  });
  tabGroups.activeTabGroup = tabGroups.all[active - 1]!;
}

describe('the column of a preview', () => {
  afterEach(() => columns(1, []));

  for (const [what, input] of [
    ['a text', text],
    ['a difference', new TabInputTextDiff()],
    ['a notebook', new TabInputNotebook()],
  ] as const) {
    it(`is beside ${what}`, () => {
      columns(1, [input]);
      assert.equal(getPreviewColumn(), ViewColumn.Beside);
    });
  }

  it('is that of the preview that is there, also when it is active, hidden or not restored yet', () => {
    columns(1, [text], [preview]);
    assert.equal(getPreviewColumn(), 2);
    columns(2, [text], [preview]);
    assert.equal(getPreviewColumn(), 2);
    columns(1, [text], [preview, image]);
    assert.equal(getPreviewColumn(), 2);
    columns(2, [preview], [text]);
    assert.equal(getPreviewColumn(), 1);
  });

  it('is not the one where a text is in front of a preview', () => {
    columns(1, [preview, text]);
    assert.equal(getPreviewColumn(), ViewColumn.Beside);
    assert.equal(getColumnToReveal(1), ViewColumn.Beside);
    columns(1, [preview, text], [image]);
    assert.equal(getPreviewColumn(), 2);
    assert.equal(getColumnToReveal(1), 2);
  });

  it('stays when a preview is shown again that covers no text of now', () => {
    columns(1, [text], [preview, image]);
    assert.equal(getColumnToReveal(2), undefined);
    columns(1, [preview, image]);
    assert.equal(getColumnToReveal(1), undefined);
    assert.equal(getColumnToReveal(undefined), undefined);
  });

  it('is rather one that shows a preview than one that hides it', () => {
    columns(1, [preview, text], [image], [preview]);
    assert.equal(getPreviewColumn(), 3);
  });

  it('is one that is there already, and never a third', () => {
    columns(1, [text], [image]);
    assert.equal(getPreviewColumn(), 2);
    columns(2, [image], [text]);
    assert.equal(getPreviewColumn(), 1);
    columns(2, [image], [text], [text]);
    assert.equal(getPreviewColumn(), 3);
    columns(3, [image], [text], [text]);
    assert.equal(getPreviewColumn(), 2);
  });

  it('is the active one where there is no text to be beside', () => {
    for (const input of [image, new TabInputWebview('mainThreadWebview-markdown.preview')]) {
      columns(1, [input]);
      assert.equal(getPreviewColumn(), ViewColumn.Active);
    }
    columns(1, []);
    assert.equal(getPreviewColumn(), ViewColumn.Active);
  });
});
