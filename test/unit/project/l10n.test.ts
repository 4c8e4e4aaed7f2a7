import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type ts from 'typescript';
import { ROOT } from '../../support/root';

const readJson = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as Record<string, unknown>;
const placeholders = (text: string) => [...new Set(text.match(/\{\d+\}/g) ?? [])].sort();

/** Every `vscode.l10n.t` of the source: its text, or where there is something else than a text. */
function findStrings(): { texts: Map<string, string>; notLiteral: string[] } {
  const texts = new Map<string, string>();
  const notLiteral: string[] = [];
  const src = path.join(ROOT, 'src');
  // Its nine megabytes in one piece of CommonJS: an import would look through them for names before it runs them.
  const { createSourceFile, isCallExpression, isStringLiteralLike, ScriptTarget } = createRequire(import.meta.url)(
    'typescript',
  ) as typeof ts;
  for (const name of readdirSync(src, { recursive: true })
    .map(String)
    .filter((file) => file.endsWith('.ts'))) {
    const text = readFileSync(path.join(src, name), 'utf8');
    if (!text.includes('l10n.t')) continue;
    const source = createSourceFile(name, text, ScriptTarget.Latest);
    const visit = (node: ts.Node): void => {
      if (isCallExpression(node) && /(^|\.)l10n\.t$/.test(node.expression.getText(source))) {
        const [first] = node.arguments;
        if (first && isStringLiteralLike(first)) {
          texts.set(first.text, name);
        } else {
          notLiteral.push(`${name}: ${node.getText(source)}`);
        }
      }
      node.forEachChild(visit);
    };
    visit(source);
  }
  return { texts, notLiteral };
}

describe('languages', () => {
  const { texts, notLiteral } = findStrings();
  const russian = readJson('l10n/bundle.l10n.ru.json');

  it('every text is a literal, so that it can be found and translated', () => {
    assert.deepEqual(notLiteral, []);
    assert.ok(texts.size > 100);
  });

  it('every text has its Russian', () => {
    assert.deepEqual(
      [...texts].filter(([text]) => !(text in russian)).map(([text, file]) => `${file}: ${text}`),
      [],
    );
  });

  it('there is no Russian for a text that is gone', () => {
    assert.deepEqual(
      Object.keys(russian).filter((text) => !texts.has(text)),
      [],
    );
  });

  it('both say the same numbers and names', () => {
    for (const [text, translation] of Object.entries(russian)) {
      assert.deepEqual(placeholders(String(translation)), placeholders(text), text);
    }
  });

  it('the Russian is Russian', () => {
    for (const [text, translation] of Object.entries(russian)) {
      const words = text.replace(/\{\d+\}/g, '');
      const foreign = !/[A-Za-z]{2,}/.test(words) || /^(Seedance|ID)?[^A-Za-z]*$/.test(words);
      assert.ok(foreign || /[а-яё]/i.test(String(translation)), `${text} → ${String(translation)}`);
    }
  });

  it('the bundle is sorted, so that two people can add to it', () => {
    const keys = Object.keys(russian);
    assert.deepEqual(keys, [...keys].sort());
  });

  it('package.json is complete in both languages, and says nothing by itself', () => {
    const manifest = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
    const used = [...new Set([...manifest.matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key!))].sort();
    const english = readJson('package.nls.json');
    assert.deepEqual(Object.keys(english).sort(), used);
    assert.deepEqual(Object.keys(readJson('package.nls.ru.json')).sort(), used);
    const { contributes } = JSON.parse(manifest) as { contributes: unknown };
    const spoken =
      /"(?:title|description|markdownDescription|contents|name|altText|patternErrorMessage)":"(?!%|Seedance")([^"]*)"/g;
    assert.deepEqual(
      [...JSON.stringify(contributes).matchAll(spoken)].map(([all]) => all),
      [],
    );
  });

  it('links and commands in package.json are the same in both languages', () => {
    const english = readJson('package.nls.json');
    const translated = readJson('package.nls.ru.json');
    const targets = (text: unknown) => String(text).match(/\]\([^)]*\)/g) ?? [];
    for (const key of Object.keys(english)) {
      assert.deepEqual(targets(translated[key]), targets(english[key]), key);
    }
  });
});
