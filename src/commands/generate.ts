import * as v from 'valibot';
import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { escapeForNotification } from '../common/text';
import { chooseDelivery } from '../generation/delivery/deliveryPicker';
import { resolveFirstFrameArgument } from '../generation/imagePicker';
import { Draft, hasFrames, proposeNewestDraft, type DraftContent } from '../generation/draft';
import { confirmAndSubmit, confirmAndSubmitDraft, createGenerationRequest } from '../generation/submitGeneration';
import { confirmUnattendedAndSubmit } from '../generation/submitShown';
import type { SelectedFrame } from '../generation/generationRequest';
import { findPromptDocument, isOpenPrompt, takePrompt } from '../generation/promptDocument';
import { promptForTextAndImage } from '../generation/promptInput';
import { requirePrompt } from '../generation/promptText';
import { BACK, type InputResult } from '../ui/quickInput';
import { readParagraph } from '../generation/readParagraph';
import { readSelection, isTextHeldBack } from '../generation/readSelection';
import { readSelectedPrompts, type SelectedPrompts } from '../generation/selectedPrompts';
import { InvalidArguments, UserFacingError } from '../ui/showError';
import { checkPrompt } from '../tasks/model/prompt';
import type { ExtensionServices } from '../container';
import { requireApiKey } from '../ui/apiKeyPrompt';

/** The arguments of `seedance.generate`. Other extensions and key bindings use them: part of the contract. */
const GenerateArguments = v.object({
  prompt: v.optional(v.string()),
  model: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200))),
  aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
  /** A `vscode.Uri`, its text, or a link. */
  firstFrame: v.optional(
    v.union([v.pipe(v.string(), v.minLength(1)), v.custom<vscode.Uri>((value) => value instanceof vscode.Uri)]),
  ),
  /** `false` skips the confirmation, as far as `confirmAbove` allows and the price is certain. */
  ask: v.optional(v.boolean()),
});
type GenerateArguments = v.InferOutput<typeof GenerateArguments>;

/**
 * Generates one video. Asks for the prompt if none is given, and then for confirmation of the price.
 *
 * @returns the task's id, also when the service refused it; `undefined` when the user gave up
 * @throws {InvalidArguments} to the caller
 */
export async function generateVideo(services: ExtensionServices, argument?: unknown): Promise<string | undefined> {
  const given = parseArguments(argument);
  // Not by `needsApiKey`: invalid arguments are thrown to the caller before any dialog.
  await requireApiKey(services);
  const prompt = given.prompt === undefined ? undefined : requirePrompt(given.prompt);
  const document = prompt === undefined && given.firstFrame === undefined ? findPromptDocument(undefined) : undefined;
  if (document) {
    // The editor for prompts is in front: that is the one to go on with.
    return usePromptOf(services, document, given);
  }
  // Before the words are asked for: an image that cannot be used must not cost them.
  const frames = given.firstFrame === undefined ? [] : await resolveFirstFrameArgument(services, given.firstFrame);
  if (frames === undefined) {
    return undefined;
  }
  if (prompt === undefined) {
    return generateFromDraft(services, given, await openDraft(services, frames));
  }
  const defaults = createGenerationRequest(services, [prompt], vscode.window.activeTextEditor?.document.uri);
  const request = defaults.with({
    frames,
    model: given.model ?? defaults.model,
    aspectRatio: given.aspectRatio ?? defaults.aspectRatio,
    isRatioChosen: given.aspectRatio !== undefined,
  });
  const records =
    given.ask === false
      ? (await confirmUnattendedAndSubmit(services, request)).records
      : await confirmAndSubmit(services, request);
  return records?.[0]?.id;
}

/** Generates a video from each selection, in the order of the document. Asks for the prompt if nothing is selected. */
export async function generateFromSelection(services: ExtensionServices): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  const selections = editor?.selections.filter(({ isEmpty }) => !isEmpty) ?? [];
  if (isTextHeldBack()) {
    throw new UserFacingError(
      vscode.l10n.t(
        'VS Code does not hand out the text of files above 50 MB to extensions. Copy the text of the video into a new file and select it there. Nothing was sent.',
      ),
    );
  }
  if (!editor || selections.length === 0) {
    const id = await generateVideo(services);
    return id === undefined ? undefined : [id];
  }
  const { document } = editor;
  const filled = selections
    .toSorted((a, b) => a.start.compareTo(b.start))
    .filter((selection) => !isBlank(readSelection(document, selection)));
  for (;;) {
    const chosen = await readSelectedPrompts(services, document, filled);
    const ids = chosen && (await generateFromTexts(services, document.uri, chosen));
    if (ids !== BACK) {
      return ids;
    }
  }
}

async function generateFromTexts(
  services: ExtensionServices,
  document: vscode.Uri,
  { prompts: texts, source: promptSource, isAnswer = false }: SelectedPrompts,
): Promise<InputResult<string[]>> {
  const prompts = getPrompts(texts);
  // Not by `needsApiKey`: a text that cannot be sent is refused before any dialog.
  await requireApiKey(services);
  const request = createGenerationRequest(services, prompts, document).with({ promptSource });
  const records = await confirmAndSubmitDraft(services, request, undefined, isAnswer);
  return records === BACK ? BACK : records?.map(({ id }) => id);
}

/**
 * Generates a video from the paragraph, item or comment at each cursor. With a selection, that is meant.
 *
 * @throws {UserFacingError} when there is no text at any of them
 */
export async function generateFromParagraph(services: ExtensionServices): Promise<string[] | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || editor.selections.some(({ isEmpty }) => !isEmpty)) {
    return generateFromSelection(services);
  }
  const { document, selections } = editor;
  const found = selections
    .map(({ active }) => active)
    .toSorted((a, b) => a.compareTo(b))
    .flatMap((position) => readParagraph(document, position) ?? []);
  // Several cursors in one paragraph are one video.
  const texts = [
    ...new Map(found.map((paragraph) => [`${paragraph.line} ${paragraph.text}`, paragraph.text])).values(),
  ];
  if (texts.every(isBlank)) {
    throw new UserFacingError(
      vscode.l10n.t('There is no text at the cursor. Put it into a paragraph, an item of a list or a comment.'),
    );
  }
  const ids = await generateFromTexts(services, document.uri, { prompts: texts });
  return ids === BACK ? undefined : ids;
}

const getTitle = () => vscode.l10n.t('Generate video');

/** What was typed and chosen and not ordered yet. */
interface OpenDraft extends DraftContent {
  draft: Draft;
  /** The words come out of an editor just now: nobody has to be asked for them. */
  isTaken?: boolean;
}

/** @param frames what a program wants the video to begin with: a draft with another first frame is another one */
async function openDraft(services: ExtensionServices, frames: readonly SelectedFrame[]): Promise<OpenDraft> {
  proposeNewestDraft(services, isOpenPrompt);
  const draft = new Draft(services);
  const content = await draft.read();
  return frames.length === 0 || hasFrames(content, frames)
    ? { draft, ...content }
    : { draft: new Draft(services), prompt: '', choices: { frames }, lost: [] };
}

/** Goes on with the text of an editor for prompts: in the dialog that waits for it, or else with the money question. */
export async function usePrompt(services: ExtensionServices, argument?: unknown): Promise<string | undefined> {
  const document = findPromptDocument(argument);
  if (!document) {
    throw new UserFacingError(vscode.l10n.t('There is no prompt in the active editor. Nothing was sent.'));
  }
  return usePromptOf(services, document, {});
}

async function usePromptOf(
  services: ExtensionServices,
  document: vscode.TextDocument,
  given: GenerateArguments,
): Promise<string | undefined> {
  await requireApiKey(services);
  const { isAwaited, ...taken } = await takePrompt(services, document);
  return isAwaited
    ? undefined
    : generateFromDraft(services, given, { ...taken, draft: new Draft(services), isTaken: true });
}

/**
 * Asks for the prompt, where the user can add an image, and for the confirmation. Begins with what was typed and chosen
 * last and not ordered.
 */
async function generateFromDraft(
  services: ExtensionServices,
  given: GenerateArguments,
  open: OpenDraft,
): Promise<string | undefined> {
  const { draft } = open;
  const scope = vscode.window.activeTextEditor?.document.uri;
  let { prompt, choices, lost, isTaken = false } = open;
  for (;;) {
    if (lost.length > 0) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'The first frame can no longer be used: {0}',
          lost.map((label) => escapeForNotification(label, 80)).join(', '),
        ),
      );
    }
    const before = choices.frames?.[0]?.image;
    const onDidChange = (text: string) => draft.keep(text, choices);
    const answer = isTaken
      ? { prompt, image: before }
      : await promptForTextAndImage(
          services,
          { title: getTitle(), choices, draft, onDidChange },
          { prompt, image: before },
        );
    if (answer === undefined || answer === BACK) {
      return undefined;
    }
    isTaken = false;
    prompt = answer.prompt;
    // Also what was not changed just now: the box may have been opened with it.
    draft.keep(prompt, choices);
    const frames =
      answer.image === before
        ? (choices.frames ?? [])
        : answer.image === undefined
          ? []
          : await chooseDelivery(services, [answer.image]);
    if (frames === undefined) {
      return undefined;
    }
    if (frames === BACK) {
      continue;
    }
    choices = { ...choices, frames };
    draft.keep(prompt, choices);
    const { model, aspectRatio } = given;
    const request = createGenerationRequest(services, [requirePrompt(prompt)], scope).with({
      ...choices,
      ...(model === undefined ? {} : { model }),
      ...(aspectRatio === undefined ? {} : { aspectRatio, isRatioChosen: true }),
    });
    if (given.ask === false) {
      const { records } = await confirmUnattendedAndSubmit(services, request);
      const record = records?.[0];
      if (record !== undefined && record.state !== 'failed') {
        draft.clear();
      }
      return record?.id;
    }
    const records = await confirmAndSubmitDraft(services, request, draft);
    if (records !== BACK) {
      return records?.[0]?.id;
    }
    ({ prompt, choices, lost } = await draft.read());
  }
}

/** Menus pass the URI of the document, which counts as no arguments. */
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
