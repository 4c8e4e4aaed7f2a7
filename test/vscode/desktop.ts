/** The desktop VS Code: an installed one that `SEEDANCE_VSCODE` names, or one that test-electron downloads. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { promisify } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { driver, type HostRun } from './host';
import { Sandbox } from './sandbox';

const CACHE = path.resolve('out', 'vscode-desktop');
const QUIET_FLAGS = ['--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'];

/** Runs a test entry in the extension host of a desktop VS Code; throws unless it ends well. */
export async function runOnDesktop({ entry, vsix, env = {}, settings = {}, locale = 'en' }: HostRun): Promise<void> {
  const sandbox = new Sandbox();
  sandbox.changeSettings(settings);
  try {
    const vscodeExecutablePath = await prepare(sandbox, vsix);
    const code = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: driver(sandbox),
      extensionTestsPath: entry,
      extensionTestsEnv: env,
      launchArgs: [sandbox.folder('workspace'), ...locations(sandbox), ...QUIET_FLAGS, '--locale', locale],
    });
    if (code !== 0) throw new Error(`The tests on the desktop ended with code ${code}.`);
  } finally {
    sandbox.remove();
  }
}

/** Opens a folder with some of its files for a user, and waits until VS Code is closed. */
export async function openOnDesktop(
  sandbox: Sandbox,
  vsix: string,
  folder: string,
  files: readonly string[],
): Promise<void> {
  const executable = await prepare(sandbox, vsix);
  const shown = [folder, ...files.map((file) => path.join(folder, file))];
  await once(spawn(executable, [...shown, ...locations(sandbox), ...QUIET_FLAGS], { stdio: 'ignore' }), 'exit');
}

/** Installs the packaged extension into the sandbox; gives the executable. */
async function prepare(sandbox: Sandbox, vsix: string): Promise<string> {
  const executable = process.env['SEEDANCE_VSCODE'] ?? (await downloadAndUnzipVSCode({ cachePath: CACHE }));
  await promisify(execFile)(
    resolveCliPathFromVSCodeExecutablePath(executable),
    [...locations(sandbox), '--install-extension', vsix, '--force'],
    {
      shell: process.platform === 'win32', // the command line tool is a .cmd there
    },
  );
  return executable;
}

function locations(sandbox: Sandbox): string[] {
  return ['--user-data-dir', sandbox.userData, '--extensions-dir', sandbox.extensions];
}
