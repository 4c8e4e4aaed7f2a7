import { arch, platform, release } from 'node:os';
import * as vscode from 'vscode';
import type { ExtensionServices } from '../container';
import { findBaseUrl } from '../platform/settings';
import { formatDiagnostics, type DiagnosticFacts } from '../tasks/model/diagnostics';
import { resolveTasks } from './taskArguments';

const STATUS_MS = 5_000;

/** Copies what a bug report needs of each task: see `formatDiagnostics`. */
export async function copyDiagnostics(
  services: ExtensionServices,
  argument: unknown,
  selected?: unknown,
): Promise<void> {
  const records = await resolveTasks(services, argument, selected);
  const facts = getFacts();
  const text = records
    .map((record) =>
      formatDiagnostics(record, {
        ...facts,
        pause: services.polling.getPauseReason(record),
        isWorker: services.polling.isWorker,
        now: services.now(),
      }),
    )
    .join('\n');
  // Once more with the secrets that this window knows.
  await vscode.env.clipboard.writeText(services.log.clean(text));
  vscode.window.setStatusBarMessage(`$(check) ${vscode.l10n.t('Copied, without key, prompt and links')}`, STATUS_MS);
}

function getFacts(): Omit<DiagnosticFacts, 'pause' | 'isWorker' | 'now'> {
  const manifest = vscode.extensions.getExtension('seedance-vscode.seedance')?.packageJSON as
    { version?: unknown } | undefined;
  const version = manifest?.version;
  return {
    extensionVersion: typeof version === 'string' ? version : 'unknown',
    vscodeVersion: vscode.version,
    system: `${platform()} ${release()} ${arch()}`,
    node: process.versions.node,
    remote: vscode.env.remoteName,
    ui: vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop',
    language: vscode.env.language,
    apiHost: findBaseUrl()?.host,
    hasProxy: Boolean(vscode.workspace.getConfiguration('http').get<string>('proxy')),
  };
}
