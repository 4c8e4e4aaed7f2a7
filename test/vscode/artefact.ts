/** The packaged extension: what the tests and the demo install is what people install. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/root';

/** The identifier under which VS Code knows the extension. */
export const EXTENSION_ID = 'seedance-vscode.seedance';

/** Path of the `.vsix` of this version. */
export function packagedExtension(): string {
  const { name, version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const vsix = path.join(ROOT, `${name}-${version}.vsix`);
  if (!existsSync(vsix)) throw new Error('There is no packaged extension yet: run "npm run package".');
  return vsix;
}
