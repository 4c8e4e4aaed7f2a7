import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { readParagraph } from '../../../src/generation/readParagraph';
import { MAX_READ_CHARS } from '../../../src/tasks/model/prompt';

/** The paragraph at `|` in a text, of which lines are read and nothing else. */
function at(languageId: string, marked: string): string | undefined {
  const lines = marked.split('\n');
  const line = lines.findIndex((text) => text.includes('¦'));
  const character = lines[line]!.indexOf('¦');
  lines[line] = lines[line]!.replace('¦', '');
  const document = { languageId, lineCount: lines.length, lineAt: (n: number) => ({ text: lines[n]! }) };
  return readParagraph(document as unknown as vscode.TextDocument, { line, character } as vscode.Position)?.text;
}

describe('the paragraph at the cursor', () => {
  it('is between blank lines, and in one line', () => {
    assert.equal(at('markdown', 'One.\n\nA red fox\nin ¦deep\nsnow.\n\nThree.'), 'A red fox in deep snow.');
    assert.equal(at('plaintext', '¦A red fox\r\n'), 'A red fox');
  });

  it('has neither the heading above it nor that below', () => {
    const text = '# Scene\n## Shot 1\nA red fox¦\nin snow\n## Shot 2\nA whale\n';
    assert.equal(at('markdown', text), 'A red fox in snow');
    assert.equal(at('markdown', 'A red ¦fox\n=====\nText'), 'A red fox');
  });

  it('of a heading is the first one below it, and none of the next heading', () => {
    assert.equal(at('markdown', '# Shot¦ 1\n\nA red fox\n'), 'A red fox');
    assert.equal(at('markdown', '# Shot¦ 1\n\n# Shot 2\n\nA whale'), undefined);
  });

  it('is one item of a list, with the lines that belong to it', () => {
    const list = '- A red fox\n  in snow\n- [ ] A ¦whale\n  in a cup\n3. A frog';
    assert.equal(at('markdown', list), 'A whale in a cup');
    assert.equal(at('markdown', list.replace('¦', '').replace('in snow', 'in s¦now')), 'A red fox in snow');
    assert.equal(at('markdown', '1. One\n2) T¦wo\n* Three'), 'Two');
  });

  it('has no signs of quotations, tables, links and emphasis', () => {
    assert.equal(at('markdown', 'He said:\n> A **red** ¦fox\n> in _snow_, `4K`'), 'A red fox in snow, 4K');
    assert.equal(at('markdown', '| 1 | A red ¦fox | 5 s |'), 'A red fox');
    assert.equal(
      at('markdown', '¦See [a fox](fox.md) ![x](x.png) run at 2*3*4 in snake_case_name'),
      'See a fox run at 2*3*4 in snake_case_name',
    );
    assert.equal(at('markdown', 'Before\n<!-- A red ¦fox -->\nAfter'), 'A red fox');
  });

  it('is a comment, without its signs', () => {
    assert.equal(
      at('typescript', 'const a = 1;\n  // A red ¦fox\n  // in snow\n  // \n  // Other\ncode();'),
      'A red fox in snow',
    );
    assert.equal(at('rust', '/// A red fox\n/// in ¦snow\nfn main() {}'), 'A red fox in snow');
    assert.equal(at('python', 'x = 1\n# A red ¦fox\n# in snow\ny = 2'), 'A red fox in snow');
    assert.equal(at('python', 'def f():\n    """A red ¦fox\n    in snow"""\n    return 1'), 'A red fox');
    assert.equal(at('sql', '-- A red ¦fox\nSELECT 1'), 'A red fox');
    assert.equal(at('typescript', '/**\n * A red fox\n * in ¦snow.\n *\n * Other\n */\ncode();'), 'A red fox in snow.');
    assert.equal(at('c', '/¦* A red fox\n * in snow */\ncode();'), 'A red fox in snow');
    assert.equal(at('c', '/*¦\n * A red fox\n */\ncode();'), 'A red fox');
    assert.equal(at('typescript', '// Shots:\n// - A red ¦fox\n// - A whale'), 'A red fox');
  });

  it('is none on a blank line and in an empty document', () => {
    assert.equal(at('markdown', 'One\n\n¦\n\nTwo'), undefined);
    assert.equal(at('markdown', '¦'), undefined);
    assert.equal(at('markdown', '---¦'), undefined);
  });

  it('is read no further than it could be sent, whatever the document', () => {
    let chars = 0;
    const read = (lineCount: number, textOf: (line: number) => string) => {
      chars = 0;
      const lineAt = (line: number) => {
        chars += textOf(line).length;
        return { text: textOf(line) };
      };
      const document = { languageId: 'markdown', lineCount, lineAt } as unknown as vscode.TextDocument;
      return readParagraph(document, { line: lineCount >> 1, character: 0 } as vscode.Position)!.text;
    };
    read(1_000_000, (line) => `line ${line} of a log`);
    assert.ok(chars < 100_000, `${chars}`);
    assert.ok(read(1, () => 'x'.repeat(30_000_000)).length <= MAX_READ_CHARS + 1);
  });
});
