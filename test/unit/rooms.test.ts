import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

describe('the rooms of the core', () => {
  for (const room of ['gateway', 'tasks', 'frames']) {
    it(`${room}/ knows neither VS Code nor the rooms above`, async () => {
      const folder = path.join(ROOT, 'src', room);
      const names = await readdir(folder);
      assert.ok(names.length > 0);
      for (const name of names) {
        const code = await readFile(path.join(folder, name), 'utf8');
        // Whatever the form: import, import type, import(), require().
        assert.doesNotMatch(
          code,
          /(from|import|require)\s*\(?\s*['"](vscode|[^'"]*\/(views|commands|platform)\/)/,
          name,
        );
      }
    });
  }
});
