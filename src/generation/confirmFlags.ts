import * as vscode from 'vscode';
import { escapeForNotification } from '../common/text';
import type { ExtensionServices } from '../container';
import { formatModelTitle } from '../messages/format';
import { findContradictions, fitToFlags, removeFlags, type PromptFlag } from '../tasks/model/promptFlags';
import type { GenerationRequest } from './generationRequest';

export interface SettledFlags {
  request: GenerationRequest;
  /** Model or ratio have changed, and so may the price: the user has to see them. */
  isOther: boolean;
}

const MAX_NAMED = 5;

/**
 * Asks about flags in a prompt that say something else than model, length or aspect ratio, before anything is paid.
 *
 * @returns `undefined` when the user wants neither
 */
export async function confirmFlags(
  { modelCatalog, defaults }: Pick<ExtensionServices, 'modelCatalog' | 'defaults'>,
  request: GenerationRequest,
): Promise<SettledFlags | undefined> {
  const { model } = request;
  const flags = request.tasks.flatMap(({ prompt, aspectRatio }) => findContradictions(prompt, { model, aspectRatio }));
  if (flags.length === 0) {
    return { request, isOther: false };
  }
  const fitting = fitToFlags(flags, { model, aspectRatio: request.aspectRatio }, (id) =>
    modelCatalog.current().models.some((known) => known.id === id),
  );
  const remove = vscode.l10n.t('Remove from the prompt');
  const keep = vscode.l10n.t('Send as it is');
  const fit =
    fitting &&
    vscode.l10n.t('Take {0}, {1}', escapeForNotification(formatModelTitle(fitting.model), 60), fitting.aspectRatio);
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The prompt contradicts what you are about to pay for.'),
    { modal: true, detail: describeFlags(flags, request) },
    // The first button is the default: what is paid for is what comes.
    remove,
    ...(fit === undefined ? [] : [fit]),
    keep,
  );
  switch (choice) {
    case undefined:
      return undefined;
    case keep:
      return { request, isOther: false };
    case remove:
      return { request: withoutFlags(request), isOther: false };
    default:
      // Chosen in a dialog like any other.
      defaults.remember(fitting ?? {});
      return { request: withoutFlags(request).with({ ...fitting, isRatioChosen: true }), isOther: true };
  }
}

/** The first frames of a request may lead to several ratios: what contradicts one of them goes. */
function withoutFlags(request: GenerationRequest): GenerationRequest {
  const { model, aspectRatios } = request;
  return request.with({
    prompts: request.prompts.map((prompt) => {
      const flags = aspectRatios.flatMap((aspectRatio) => findContradictions(prompt, { model, aspectRatio }));
      const distinct = [...new Map(flags.map((flag) => [flag.start, flag])).values()];
      return removeFlags(prompt, distinct);
    }),
  });
}

function describeFlags(flags: readonly PromptFlag[], request: GenerationRequest): string {
  const named = [...new Set(flags.map(({ text }) => escapeForNotification(text, 40)))];
  const rest = named.length > MAX_NAMED ? ', …' : '';
  return [
    vscode.l10n.t('In the prompt: {0}', `${named.slice(0, MAX_NAMED).join(', ')}${rest}`),
    vscode.l10n.t(
      'Chosen: {0}, {1}',
      escapeForNotification(formatModelTitle(request.model), 60),
      request.aspectRatios.join(', '),
    ),
    vscode.l10n.t(
      'The model may follow such words or not, and the price stays that of the chosen model. Nothing was sent yet.',
    ),
  ].join('\n\n');
}
