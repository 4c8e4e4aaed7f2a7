import * as vscode from 'vscode';
import type { AspectRatio } from '../../api/aspectRatio';
import type { KnownModels } from '../../api/modelCatalog';
import { getDurations, getFamilies, getNearestModel, getOtherModels, getResolutions } from '../../api/modelGroups';
import { parseModelId, type ModelInfo } from '../../api/models';
import { formatBytes, formatModelTitle, formatPrice, formatRoubles, formatSeconds } from '../../messages/format';
import {
  MAX_IMAGE_BYTES,
  type Choice,
  type ComposerModel,
  type ComposerStrings,
  type FormFrame,
  type ModelOption,
} from './protocol';

/** What the form holds now, and what is known about it. */
export interface ComposerState {
  revision: number;
  prompt: string;
  promptProblem?: string | undefined;
  /** Each with what it says and the ways to mend it. */
  remarks: readonly { text: string; fixes: string[] }[];
  model: string;
  ratio: AspectRatio;
  isRatioChosen: boolean;
  takes: number;
  frame?: FormFrame | undefined;
  isAwaitingFrame: boolean;
  /** Balance and daily budget, localized. */
  money: string;
  isShort: boolean;
  isBusy: boolean;
  settledOrder?: string | undefined;
  status: string;
}

/** Roubles for one video; a price of 0 is none, since no video is free. */
export function getShownPrice(models: readonly ModelInfo[], model: string): number | undefined {
  const price = models.find(({ id }) => id === model)?.price;
  return price === 0 ? undefined : price;
}

/** Creates all that the page shows: each choice of the model's resolution and duration has its price. */
export function createComposerModel(state: ComposerState, { models, source }: KnownModels): ComposerModel {
  const { model, takes, remarks } = state;
  const price = getShownPrice(models, model);
  const isOffered = source === 'built-in' || models.some(({ id }) => id === model);
  return {
    revision: state.revision,
    prompt: state.prompt,
    promptProblem: state.promptProblem,
    ...(remarks.length === 0
      ? {}
      : {
          remarks: {
            title: remarks.length === 1 ? vscode.l10n.t('1 remark') : vscode.l10n.t('{0} remarks', remarks.length),
            items: remarks.map(({ text, fixes }) => ({ text, fixes: [...fixes] })),
          },
        }),
    models: getModelOptions(models, model),
    model,
    ...(isOffered
      ? {}
      : {
          modelWarning: vscode.l10n.t(
            'The service does not list this model now and may refuse it. A refusal costs nothing.',
          ),
        }),
    ...getSteps(models, model),
    ratio: state.ratio,
    isRatioChosen: state.isRatioChosen,
    takes,
    frame: state.frame,
    isAwaitingFrame: state.isAwaitingFrame,
    price,
    ...getGenerateTexts(price, takes),
    money: state.money,
    isShort: state.isShort,
    isBusy: state.isBusy,
    settledOrder: state.settledOrder,
    status: state.status,
  };
}

/** The families, each as its model that is nearest to the chosen one; then the video models of other makers. */
function getModelOptions(models: readonly ModelInfo[], model: string): ModelOption[] {
  const chosen = parseModelId(model);
  const families = getFamilies(models).map(({ family, title, audio, fromPrice }): ModelOption => ({
    label: [
      title,
      ...(fromPrice === undefined ? [] : [vscode.l10n.t('from {0}', formatRoubles(fromPrice))]),
      ...(audio ? [vscode.l10n.t('with sound')] : []),
    ].join(' · '),
    model: family === chosen?.family ? model : (getNearestModel(models, family, chosen)?.id ?? family),
  }));
  const others = getOtherModels(models)
    .filter(({ id, video }) => video || id === model)
    .map(({ id, price }): ModelOption => ({
      label: `${id} · ${formatPrice(price)}`,
      model: id,
      group: vscode.l10n.t('Other models of the service'),
    }));
  const listed = [...families, ...others];
  return listed.some((option) => option.model === model)
    ? listed
    : [{ label: formatModelTitle(model), model }, ...listed];
}

function getSteps(models: readonly ModelInfo[], model: string): Pick<ComposerModel, 'resolutions' | 'durations'> {
  const chosen = parseModelId(model);
  if (chosen === undefined) {
    return { resolutions: [], durations: [] };
  }
  const { family } = chosen;
  const resolutions = getResolutions(models, family).flatMap(({ resolution }): Choice[] => {
    const variants = models.filter(({ name }) => name?.family === family && name.resolution === resolution);
    const isChosen = resolution === chosen.resolution && variants.some(({ id }) => id === model);
    const nearest = isChosen ? model : getNearestModel(variants, family, chosen)?.id;
    return nearest === undefined
      ? []
      : [
          {
            label: resolution ?? vscode.l10n.t('chosen by the service'),
            price: formatPrice(getShownPrice(models, nearest)),
            model: nearest,
          },
        ];
  });
  const durations = getDurations(models, family, chosen.resolution).map(({ id, seconds: length }): Choice => ({
    label: length === undefined ? vscode.l10n.t('chosen by the service') : formatSeconds(length),
    price: formatPrice(getShownPrice(models, id)),
    model: id,
  }));
  return { resolutions, durations };
}

function getGenerateTexts(price: number | undefined, takes: number): Pick<ComposerModel, 'generate' | 'priceNote'> {
  if (price === undefined) {
    return {
      generate: takes === 1 ? vscode.l10n.t('Generate') : vscode.l10n.t('Generate {0} videos', takes),
      priceNote: vscode.l10n.t('price unknown'),
    };
  }
  return takes === 1
    ? { generate: vscode.l10n.t('Generate – {0}', formatRoubles(price)) }
    : {
        generate: vscode.l10n.t('Generate {0} videos – {1}', takes, formatRoubles(takes * price)),
        priceNote: vscode.l10n.t('{0} each', formatRoubles(price)),
      };
}

/** The texts of the page that do not change. */
export function getComposerStrings(): ComposerStrings {
  return {
    title: vscode.l10n.t('Create a video'),
    prompt: vscode.l10n.t('Prompt'),
    placeholder: vscode.l10n.t('A ginger cat jumps onto a sunlit window sill, slow motion'),
    tooLong: vscode.l10n.t('This text is too long for a prompt. It is not kept.'),
    model: vscode.l10n.t('Model'),
    resolution: vscode.l10n.t('Resolution'),
    duration: vscode.l10n.t('Duration'),
    ratio: vscode.l10n.t('Aspect ratio'),
    landscape: vscode.l10n.t('landscape: screens, video sites'),
    portrait: vscode.l10n.t('portrait: phones, stories'),
    square: vscode.l10n.t('square: feeds'),
    firstFrame: vscode.l10n.t('First frame'),
    choose: vscode.l10n.t('Choose…'),
    fromVideo: vscode.l10n.t('From a video…'),
    awaiting: vscode.l10n.t('Choose a frame in the preview: “Use this frame as first frame” brings it here.'),
    cancel: vscode.l10n.t('Cancel'),
    dropHint: vscode.l10n.t('Or paste an image, or drop it here.'),
    change: vscode.l10n.t('Change…'),
    crop: vscode.l10n.t('Crop or pad…'),
    remove: vscode.l10n.t('Remove'),
    imageTooLarge: vscode.l10n.t('The file is too large: at most {0} can be used.', formatBytes(MAX_IMAGE_BYTES)),
    takes: vscode.l10n.t('Takes'),
    topUp: vscode.l10n.t('Top up the balance…'),
    keys: vscode.l10n.t('{0} generates', '{0}'),
  };
}
