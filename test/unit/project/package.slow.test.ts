import assert from 'node:assert/strict';
import { listFiles, PackageManager } from '@vscode/vsce';
import { ROOT } from '../../support/root';

/** Everything that may be in the package, by where it is. */
const BELONGS = [
  /^package(\.nls(\.ru)?)?\.json$/,
  /^(README(\.ru)?|CHANGELOG)\.md$/,
  /^LICENSE$/,
  /^l10n\/bundle\.l10n\.ru\.json$/,
  /^dist\/(extension|chunks\/[^/]+|webviews\/(preview|cropper|composer|gallery|compare|export|exportWorker|lastFrame))\.js$/,
  /^dist\/sound\/(worker\.cjs|decoder\.wasm\.br|LICENSE\.txt)$/,
  /^dist\/ThirdPartyNotices\.txt$/,
  /^media\/[^/]+\.(svg|png|webp|css)$/,
  /^media\/walkthrough\/[^/]+\.(svg|png|md)$/,
];

describe('the package', () => {
  it('holds what belongs into it, and nothing else', async () => {
    const files = await listFiles({ cwd: ROOT, packageManager: PackageManager.None });
    assert.deepEqual(
      files.filter((file) => !BELONGS.some((pattern) => pattern.test(file))),
      [],
    );
    // dist is there after a build only; the rest is in every clone.
    for (const pattern of BELONGS.filter((candidate) => !candidate.source.includes('dist'))) {
      assert.ok(
        files.some((file) => pattern.test(file)),
        `nothing matches ${pattern}`,
      );
    }
  });
});
