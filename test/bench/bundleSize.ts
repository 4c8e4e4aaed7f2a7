/** Small: bytes of the code, of what `activate` loads, of the package, and of each dependency. */
import { stat } from 'node:fs/promises';
import { packagedExtension } from '../vscode/artefact';
import type { Figure } from './report';
import { weigh } from './sizes';

const KB = 1024;
const claim = 'small';

/** Guards against accidents, such as a library that comes along unseen; the claim about starts is one of time. */
export const LIMITS = {
  codeBytes: 1000 * KB,
  /** Of it 4 KB are longer names: esbuild shortens them for all chunks together, and Markdown and YAML have many. */
  eagerBytes: 130 * KB,
  /** The entry, and one chunk with all that it needs. */
  eagerFiles: 2,
  /** Chunks that `import()` names; one of them is node-fetch's own import. */
  lazyEntries: 26,
  vsixBytes: 1200 * KB,
};

export async function bundleSize(): Promise<Figure[]> {
  const { total, eager, packages } = await weigh('bench');
  const { size } = await stat(packagedExtension());
  const figure = (what: string, bytes: number, atMost?: number): Figure => ({
    claim,
    what,
    value: bytes / KB,
    unit: 'KB',
    ...(atMost === undefined ? {} : { limit: { atMost: atMost / KB } }),
  });
  return [
    figure('all code, minified', total, LIMITS.codeBytes),
    figure('code that activation loads', eager.bytes, LIMITS.eagerBytes),
    { claim, what: 'files that activation loads', value: eager.files, unit: '', limit: { atMost: LIMITS.eagerFiles } },
    figure('package (.vsix)', size, LIMITS.vsixBytes),
    ...[...packages].map(([name, bytes]) => figure(`of it ${name}`, bytes)),
  ];
}
