import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { escapeForNotification } from '../common/text';
import { chooseDelivery } from '../generation/delivery/deliveryPicker';
import { resolveFirstFrameArgument } from '../generation/imagePicker';
import { formatModelTitle, formatPrice } from '../messages/format';
import { readSettings } from '../platform/settings';
import { fetchBalance, getShortageMessage, confirmBudget } from '../generation/confirmBudget';
import { confirmAndSubmit, createGenerationRequest, submit } from '../generation/submitGeneration';
import { needsConfirmation, type GenerationRequest, type SelectedFrame } from '../generation/generationRequest';
import { promptForText, promptForTextAndImage, requirePrompt, type PromptAndImage } from '../generation/promptInput';
import { BACK } from '../ui/quickInput';
import { InvalidArguments } from '../ui/showError';
import { checkPrompt } from '../tasks/model/prompt';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';

/** What other extensions and key bindings may pass; part of the contract. */
const GenerateArguments = v.object({
  prompt: v.optional(v.string()),
  model: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))),
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  /** A `vscode.Uri`, its text, or a link. */
  firstFrame: v.optional(
    v.union([v.pipe(v.string(), v.minLength(1)), v.custom<vscode.Uri>((value) => value instanceof vscode.Uri)]),
  ),
  /** `false`: without the question, where `confirmAbove` lets it pass. */
  ask: v.optional(v.boolean()),
});
type GenerateArguments = v.InferOutput<typeof GenerateArguments>;

/**
 * Generates one video. Asks for the prompt if none is given, and then the question with the price.
 *
 * @returns the task's id, also when the service refused it; `undefined` when the user gave up
 * @throws {InvalidArguments} to the caller
 */
export async function generateVideo(services: ExtensionServices, argument?: unknown): Promise<string | undefined> {
  const given = parseArguments(argument);
  // Not by `needsApiKey`: invalid arguments are thrown to the caller before any dialog.
  await requireApiKey(services);
  const input = await (given.prompt === undefined && given.firstFrame === undefined
    ? promptForInput(services)
    : completeInput(services, given));
  if (input === undefined) {
    return undefined;
  }
  const { prompt, frames } = input;
  const defaults = createGenerationRequest([prompt], vscode.window.activeTextEditor?.document.uri);
  const request = defaults.with({
    frames,
    model: given.model ?? defaults.model,
    aspectRatio: given.aspectRatio ?? defaults.aspectRatio,
    isRatioChosen: given.aspectRatio !== undefined,
  });
  const records =
    given.ask === false
      ? await confirmUnattendedAndSubmit(services, request)
      : await confirmAndSubmit(services, request);
  return records?.[0]?.id;
}

/** Each selection is a prompt, in the order of the text. Without any, the prompt is asked for. */
export async function generateFromSelection(services: ExtensionServices): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const selections = editor?.selections.filter(({ isEmpty }) => !isEmpty) ?? [];
  if (!editor || selections.length === 0) {
    const id = await generateVideo(services);
    return id === undefined ? undefined : [id];
  }
  const prompts = getPrompts(
    selections.toSorted((a, b) => a.start.compareTo(b.start)).map((selection) => editor.document.getText(selection)),
  );
  // Not by `needsApiKey`: a text that cannot be sent is refused before any dialog.
  await requireApiKey(services);
  const records = await confirmAndSubmit(services, createGenerationRequest(prompts, editor.document.uri));
  return records?.map(({ id }) => id);
}

/** What is to be seen. */
interface GenerateInput {
  prompt: string;
  frames: readonly SelectedFrame[];
}

const getTitle = () => vscode.l10n.t('Generate video');

/** Asks for the prompt, in which the user may add an image. */
async function promptForInput(services: ExtensionServices): Promise<GenerateInput | undefined> {
  for (let asked: PromptAndImage = { prompt: '' }; ;) {
    const answer = await promptForTextAndImage(services, { title: getTitle() }, asked);
    if (answer === undefined || answer === BACK) {
      return undefined;
    }
    const frames = answer.image ? await chooseDelivery(services, [answer.image]) : [];
    if (frames !== BACK) {
      return frames && { prompt: requirePrompt(answer.prompt), frames };
    }
    asked = answer;
  }
}

/** Asks for what the program did not say. */
async function completeInput(
  services: ExtensionServices,
  given: GenerateArguments,
): Promise<GenerateInput | undefined> {
  const prompt = given.prompt === undefined ? await promptForText({ title: getTitle() }) : requirePrompt(given.prompt);
  if (prompt === undefined || prompt === BACK) {
    return undefined;
  }
  const frames = given.firstFrame === undefined ? [] : await resolveFirstFrameArgument(services, given.firstFrame);
  return frames && { prompt, frames };
}

/** Menus pass a URI or a row of the tree, which is no request: they count as nothing. */
function parseArguments(argument: unknown): GenerateArguments {
  if (argument === undefined || argument === null || argument instanceof vscode.Uri) {
    return {};
  }
  const parsed = v.safeParse(GenerateArguments, argument);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new InvalidArguments(`seedance.generate: ${v.getDotPath(issue) ?? 'argument'}: ${issue.message}`);
  }
  return parsed.output;
}

/**
 * A program asked for it, and said that no question is needed. The user has the last word all the same,
 * by `confirmAbove`; a dialog and not a quick pick, because they did not begin this.
 */
async function confirmUnattendedAndSubmit(services: ExtensionServices, request: GenerationRequest) {
  const price = services.modelCatalog.priceOf(request.model);
  const { goOn, asked } = await confirmBudget(services, request, price);
  if (!goOn) {
    return undefined;
  }
  // The dialog about the budget names the price too: one question is enough.
  if (!asked && needsConfirmation(price, readSettings().confirmAbove)) {
    const generate = vscode.l10n.t('Generate – {0}', formatPrice(price));
    const balance = price === undefined ? undefined : await fetchBalance(services);
    const shortage = balance && price !== undefined ? getShortageMessage(balance, price) : undefined;
    const detail = [
      `${escapeForNotification(formatModelTitle(request.model))} · ${request.aspectRatios.join(', ')}`,
      escapeForNotification(request.prompts[0] ?? '', 500),
      ...(shortage === undefined ? [] : [shortage]),
    ];
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('Generate a video?'),
      { modal: true, detail: detail.join('\n\n') },
      generate,
    );
    if (choice !== generate) {
      return undefined;
    }
  }
  return submit(services, request, price);
}

/**
 * Skips blank selections if there are others.
 *
 * @throws {UserFacingError} when there is nothing to send, or one of them is too long
 */
function getPrompts(texts: readonly string[]): string[] {
  const filled = texts.filter((text) => !isBlank(text));
  return (filled.length === 0 ? [''] : filled).map(requirePrompt);
}

function isBlank(text: string): boolean {
  const check = checkPrompt(text);
  return !check.ok && check.reason === 'empty';
}
