import * as vscode from 'vscode';
import { escapeCodicons } from '../common/text';
import type { ExtensionServices } from '../container';
import { describeFix, describeRemark } from '../messages/promptRemarks';
import { readSettings } from '../platform/settings';
import { checkPrompt, fixAll, getEdits } from '../prompting/checkPrompt';
import { applyEdits, type Fix, type PromptContext, type Remark } from '../prompting/remark';
import { BACK, showPick, type InputResult } from '../ui/quickInput';
import type { GenerationRequest } from './generationRequest';
import type { ChangePrompt } from './confirmGeneration';

/** A remark about one of the prompts of a request. */
export interface PromptRemark {
  index: number;
  remark: Remark;
}

/** Many prompts at once are checked up to here: reading on would hold up the question for what nobody scrolls to. */
const MAX_PROMPTS = 50;

const PHOTO_TOLD_KEY = 'seedance.personPhotoTold';

/** Checks the prompts of a request, unless the user has turned that off. */
export function findRemarks(services: ExtensionServices, request: GenerationRequest): PromptRemark[] {
  if (!readSettings(request.scope).promptChecks) {
    return [];
  }
  const context = toContext(services, request);
  const found = request.prompts
    .slice(0, MAX_PROMPTS)
    .flatMap((prompt, index) => checkPrompt(prompt, context).map((remark) => ({ index, remark })));
  // It is about the first frame: once for all prompts, and not again with the next image.
  const photo = found.find(({ remark }) => remark.rule === 'person-photo');
  const others = found.filter(({ remark }) => remark.rule !== 'person-photo');
  return photo && isPhotoNews(services, request) ? [photo, ...others] : others;
}

/** The image that the hint was shown for, so that it stays while that question is open. */
let toldFor: string | undefined;

function isPhotoNews({ context: { globalState } }: ExtensionServices, { frames }: GenerationRequest): boolean {
  const source = frames[0]?.image.source;
  if (globalState.get(PHOTO_TOLD_KEY) === true) {
    return toldFor === source;
  }
  toldFor = source;
  void globalState.update(PHOTO_TOLD_KEY, true);
  return true;
}

function toContext({ modelCatalog }: ExtensionServices, request: GenerationRequest): PromptContext {
  const { model, frames, aspectRatios, aspectRatio } = request;
  return {
    model,
    aspectRatio: aspectRatios[0] ?? aspectRatio,
    models: modelCatalog.current().models,
    ...(frames.length === 0
      ? {}
      : // Cameras and phones write JPEG; a frame of a video of ours is no photograph.
        { firstFrame: { isPhotograph: frames.some(({ image }) => image.file?.facts.type === 'jpeg' && !image.from) } }),
  };
}

/** The line of the question: how many remarks there are, and what they say. */
export function getRemarksItem(remarks: readonly PromptRemark[]): vscode.QuickPickItem {
  return {
    label: `$(lightbulb) ${remarks.length === 1 ? vscode.l10n.t('1 remark') : vscode.l10n.t('{0} remarks', remarks.length)}`,
    detail: escapeCodicons(remarks.map(({ remark }) => describeRemark(remark)).join(' '), MAX_DETAIL_CHARS),
  };
}

const MAX_DETAIL_CHARS = 250;

interface RemarkItem extends vscode.QuickPickItem {
  apply?: () => Promise<InputResult<GenerationRequest>>;
}

/** Shows each remark with what would mend it, and applies what the user chooses. Nothing is sent or paid here. */
export async function showRemarks(
  services: ExtensionServices,
  request: GenerationRequest,
  remarks: readonly PromptRemark[],
  changePrompt: ChangePrompt,
): Promise<InputResult<GenerationRequest>> {
  const editable = remarks.filter(({ remark }) => getEdits(remark));
  const items: RemarkItem[] = [
    ...remarks.flatMap((remark) => getItems(request, remark, changePrompt)),
    ...(editable.length > 1
      ? [
          { label: '', kind: vscode.QuickPickItemKind.Separator },
          {
            label: `$(check-all) ${vscode.l10n.t('Apply all changes to the text: {0}', editable.length)}`,
            apply: () => Promise.resolve(withAllFixed(services, request)),
          },
        ]
      : []),
  ];
  for (let active: RemarkItem | undefined; ;) {
    const picked = await showPick<RemarkItem>({
      title: vscode.l10n.t('Remarks about the prompt'),
      placeholder: vscode.l10n.t('Nothing has to be changed: go back to generate as it is.'),
      back: true,
      items,
      active,
    });
    if (picked === undefined || picked === BACK) {
      return picked;
    }
    const changed = await picked.apply?.();
    if (changed !== BACK) {
      return changed;
    }
    active = picked;
  }
}

/** A line for each way to mend it, or one that opens the prompt. */
function getItems(
  request: GenerationRequest,
  { index, remark }: PromptRemark,
  changePrompt: ChangePrompt,
): RemarkItem[] {
  const prompt = request.prompts[index] ?? '';
  const sentence = escapeCodicons(describeRemark(remark), 200);
  const of = request.prompts.length === 1 ? {} : { description: vscode.l10n.t('prompt {0}', index + 1) };
  if (remark.fixes.length === 0) {
    return [
      {
        label: `$(edit) ${vscode.l10n.t('Change the prompt…')}`,
        detail: sentence,
        ...of,
        apply: () => changePrompt(request, index),
      },
    ];
  }
  return remark.fixes.map((fix) => ({
    label: `$(${ICONS[fix.kind]}) ${escapeCodicons(describeFix(fix, prompt))}`,
    detail: sentence,
    ...of,
    apply: () => Promise.resolve(withFix(request, index, fix)),
  }));
}

const ICONS: Readonly<Record<Fix['kind'], string>> = {
  edit: 'lightbulb-autofix',
  choose: 'device-camera-video',
  split: 'split-horizontal',
};

/** The request with a remark mended. A prompt that is split becomes several. */
export function withFix(request: GenerationRequest, index: number, fix: Fix): GenerationRequest {
  const prompt = request.prompts[index] ?? '';
  switch (fix.kind) {
    case 'edit':
      return withPrompts(request, index, [applyEdits(prompt, fix.edits)]);
    case 'split':
      return withPrompts(request, index, fix.prompts);
    case 'choose': {
      const { model, aspectRatio } = fix;
      const isRatioChosen = request.isRatioChosen || aspectRatio !== request.aspectRatios[0];
      const changed = request.with({ model, ...(isRatioChosen ? { aspectRatio, isRatioChosen } : {}) });
      return fix.edits.length === 0 ? changed : withPrompts(changed, index, [applyEdits(prompt, fix.edits)]);
    }
  }
}

function withAllFixed(services: ExtensionServices, request: GenerationRequest): GenerationRequest {
  const context = toContext(services, request);
  return request.with({
    prompts: request.prompts.map((prompt, index) => (index < MAX_PROMPTS ? fixAll(prompt, context) : prompt)),
  });
}

function withPrompts(request: GenerationRequest, index: number, prompts: readonly string[]): GenerationRequest {
  return request.with({ prompts: request.prompts.toSpliced(index, 1, ...prompts) });
}
