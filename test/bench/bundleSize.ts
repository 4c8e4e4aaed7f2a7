/** Small: bytes of the code, of what `activate` loads, of the package, and of each dependency. */
import { stat } from 'node:fs/promises';
import { packagedExtension } from '../vscode/artefact';
import type { Figure } from './report';
import { weigh } from './sizes';

const KB = 1024;
const claim = 'small';

export const LIMITS = { mainBytes: 200 * KB, eagerBytes: 60 * KB, vsixBytes: 400 * KB };

export async function bundleSize(): Promise<Figure[]> {
  const { total, main, withImages, eager, packages } = await weigh('bench');
  const { size } = await stat(packagedExtension());
  const figure = (what: string, bytes: number, atMost?: number): Figure => ({
    claim,
    what,
    value: bytes / KB,
    unit: 'KB',
    ...(atMost === undefined ? {} : { limit: { atMost: atMost / KB } }),
  });
  return [
    figure('code of the main job from text, minified', main, LIMITS.mainBytes),
    figure('the same from an image', withImages),
    figure('all code, with what is read only where it is used', total),
    figure('code that activation loads', eager, LIMITS.eagerBytes),
    figure('package (.vsix)', size, LIMITS.vsixBytes),
    ...[...packages].map(([name, bytes]) => figure(`of it ${name}`, bytes)),
  ];
}
