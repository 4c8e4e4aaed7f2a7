/** Finds the browser that shows the workbench, or installs Debian's where that is allowed. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** Chromium and its relatives, the plainest first. */
const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
  'microsoft-edge-stable',
  'chrome',
  'msedge',
];

/** Where installers put them without telling PATH. */
const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    'Chromium.app/Contents/MacOS/Chromium',
    'Google Chrome.app/Contents/MacOS/Google Chrome',
    'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ].map((app) => path.join('/Applications', app)),
  win32: [process.env['ProgramFiles'], process.env['ProgramFiles(x86)'], process.env['LOCALAPPDATA']].flatMap((root) =>
    root === undefined
      ? []
      : ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((exe) =>
          path.join(root, exe),
        ),
  ),
};

/**
 * The path of a Chromium-like browser; `CHROMIUM` in the environment overrides the search.
 * @throws Error with one line that says what to install.
 */
export function provideChromium(): string {
  const chosen = process.env['CHROMIUM'];
  if (chosen !== undefined && chosen !== '') {
    if (!isExecutable(chosen)) throw new Error(`CHROMIUM is set to ${chosen}, which cannot be run.`);
    return chosen;
  }
  const found = find();
  if (found !== undefined) return found;
  const apt = onPath(['apt-get']);
  if (apt === undefined || process.getuid?.() !== 0) {
    throw new Error('No browser found: install Chromium, Chrome or Edge, or set CHROMIUM to its executable.');
  }
  console.log('Installing Chromium with apt-get, once…');
  const options = {
    stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  };
  execFileSync(apt, ['update', '-qq'], options);
  // The font is for Cyrillic, which a bare container cannot show.
  execFileSync(apt, ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core'], options);
  const installed = find();
  if (installed === undefined) throw new Error('apt-get installed chromium, but no such command is to be found.');
  return installed;
}

function find(): string | undefined {
  return onPath(NAMES) ?? PLACES[process.platform]?.find(isExecutable);
}

function onPath(names: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name + suffix))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
