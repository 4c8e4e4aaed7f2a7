/** The same host suite on the desktop VS Code: an installed one, or one that test-electron downloads. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { driver, type HostRun } from './host';
import { Sandbox } from './sandbox';

/** Runs the entry in the extension host of a desktop VS Code; throws unless it ends well. */
export async function runOnDesktop({ entry, vsix, env = {}, settings = {}, locale = 'en' }: HostRun): Promise<void> {
  const sandbox = new Sandbox();
  sandbox.changeSettings(settings);
  try {
    const vscodeExecutablePath = process.env['SEEDANCE_VSCODE'] ?? await downloadAndUnzipVSCode();
    const places = ['--user-data-dir', sandbox.userData, '--extensions-dir', sandbox.extensions];
    await promisify(execFile)(resolveCliPathFromVSCodeExecutablePath(vscodeExecutablePath), [...places, '--install-extension', vsix, '--force'], {
      shell: process.platform === 'win32', // the command line tool is a .cmd there
    });
    const code = await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: driver(sandbox),
      extensionTestsPath: entry,
      extensionTestsEnv: env,
      launchArgs: [sandbox.folder('workspace'), ...places, '--locale', locale, '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-updates'],
    });
    if (code !== 0) throw new Error(`The tests on the desktop ended with code ${code}.`);
  } finally {
    sandbox.remove();
  }
}
