import * as vscode from 'vscode';
import { getFamilyTitle } from '../api/models';
import { toSingleLine } from '../common/text';
import type { Lens, LensSum } from '../storyboard/lenses';
import type { PlanStep } from '../storyboard/plan';
import type { Problem, ProblemFix } from '../storyboard/problem';
import { formatModelTitle, formatNumber, formatPrice, formatRoubles, formatSeconds } from './format';
import { describeImageError } from './imageErrors';
import { describeFix, describeRemark } from './promptRemarks';

const MAX_CHARS = 60;
const MAX_NAMES = 8;

/** Says what is wrong in a storyboard and what it means, as plain text that holds words of the file. */
export function describeProblem(problem: Problem): string {
  switch (problem.code) {
    case 'too-long':
      return vscode.l10n.t(
        'The file is too long to be read as a storyboard: more than {0} characters. Split it into several.',
        formatNumber(problem.params.limit),
      );
    case 'too-much':
      return vscode.l10n.t(
        'With cast and style, the prompts of this file have more than {0} characters together, so nothing is sent. Split it into several.',
        formatNumber(problem.params.limit),
      );
    case 'unread':
      return describeUnread(problem.params);
    case 'conflict':
      return vscode.l10n.t('Git left a merge conflict here. Nothing of this file is sent before it is resolved.');
    case 'front-matter':
      return vscode.l10n.t(
        'The head of the file is not valid YAML from here on, so none of it counts and nothing is sent.',
      );
    case 'not-text':
      return vscode.l10n.t('“{0}” must be a line of text.', toName(problem.params.name));
    case 'empty-value':
      return vscode.l10n.t('“{0}” has no value, so it sets nothing.', toName(problem.params.name));
    case 'no-folder':
      return vscode.l10n.t(
        '“{0}” is no folder inside of the workspace. Takes are saved where the settings say.',
        toName(problem.params.value),
      );
    case 'repeated-key':
      return vscode.l10n.t('“{0}” is set twice. The first one counts.', toName(problem.params.name));
    case 'misplaced':
      return vscode.l10n.t(
        '“{0}” sets nothing here: settings are the bullets directly below the heading of the shot.',
        toName(problem.params.name),
      );
    case 'unknown-model': {
      const nearest = problem.params.nearest.map(({ id, price }) => `${id} (${formatPrice(price)})`);
      return nearest.length === 0
        ? vscode.l10n.t('There is no model “{0}”.', toName(problem.params.model))
        : vscode.l10n.t('There is no model “{0}”. Nearest: {1}.', toName(problem.params.model), nearest.join(', '));
    }
    case 'unknown-ratio':
      return vscode.l10n.t(
        'There is no aspect ratio “{0}”: choose {1}.',
        toName(problem.params.value),
        problem.params.choices.join(', '),
      );
    case 'unknown-duration':
      return problem.params.choices.length === 0
        ? vscode.l10n.t(
            '{0} has no duration “{1}”.',
            getFamilyTitle(problem.params.model),
            toName(problem.params.value),
          )
        : vscode.l10n.t(
            '{0} has no duration “{1}”: choose {2}.',
            getFamilyTitle(problem.params.model),
            toName(problem.params.value),
            problem.params.choices.map(formatSeconds).join(', '),
          );
    case 'unknown-resolution':
      return problem.params.choices.length === 0
        ? vscode.l10n.t(
            '{0} has no resolution “{1}”.',
            getFamilyTitle(problem.params.model),
            toName(problem.params.value),
          )
        : vscode.l10n.t(
            '{0} has no resolution “{1}”: choose {2}.',
            getFamilyTitle(problem.params.model),
            toName(problem.params.value),
            problem.params.choices.join(', '),
          );
    case 'no-family':
      return vscode.l10n.t(
        '“{0}” cannot be chosen for the model “{1}”.',
        toName(problem.params.name),
        toName(problem.params.model),
      );
    case 'unknown-shot': {
      const { name, nearest } = problem.params;
      return nearest.length === 0
        ? vscode.l10n.t('There is no shot “{0}” in this file.', toName(name))
        : vscode.l10n.t(
            'There is no shot “{0}” in this file. Nearest: {1}.',
            toName(name),
            nearest.map(toName).join(', '),
          );
    }
    case 'ambiguous-shot':
      return vscode.l10n.t(
        '“{0}” could be any of {1} shots. Write which one, for example with its title.',
        toName(problem.params.name),
        problem.params.count,
      );
    case 'circle': {
      const { shots } = problem.params;
      if (shots.length < 2) {
        return vscode.l10n.t('A shot cannot continue itself, so it is not sent.');
      }
      const names = shots.slice(0, MAX_NAMES).map(toName).join(' → ');
      return vscode.l10n.t(
        'These shots continue each other in a circle, so none of them is sent: {0}.',
        shots.length > MAX_NAMES ? `${names} → …` : names,
      );
    }
    case 'two-beginnings':
      return vscode.l10n.t('A shot begins with an image or continues another one, not both.');
    case 'continues-skipped':
      return vscode.l10n.t('“{0}” is skipped and has no take to continue from.', toName(problem.params.name));
    case 'other-shape':
      return vscode.l10n.t(
        '“{0}” has another shape than {1}: parts of it would be cut off or stretched.',
        toName(problem.params.of),
        problem.params.ratio,
      );
    case 'no-image':
      return vscode.l10n.t('“{0}” does not lead to an image. Write a path or a link.', toName(problem.params.value));
    case 'missing-image':
      return vscode.l10n.t('There is no image “{0}”. The shot is not sent without it.', toName(problem.params.target));
    case 'embedded-image':
      return vscode.l10n.t(
        'The image is embedded in the text, and such an image is not sent. Save it as a file beside the storyboard, and name that. The shot is not sent until then.',
      );
    case 'outside-image':
      return vscode.l10n.t(
        '“{0}” is neither in the workspace nor in the folder of this file, so it is not opened and the shot is not sent. Copy the image there.',
        toName(problem.params.target),
      );
    case 'unsaved-image':
      return vscode.l10n.t(
        'Save this file first: “{0}” is searched for from its folder. The shot is not sent until then.',
        toName(problem.params.target),
      );
    case 'unusable-image':
      return `${vscode.l10n.t('“{0}” cannot be a first frame.', toName(problem.params.target))} ${describeImageError(problem.params.error)}`;
    case 'no-take':
      return vscode.l10n.t('“{0}” does not lead to a video. Write a path or a link.', toName(problem.params.value));
    case 'missing-take':
      return vscode.l10n.t('There is no video “{0}”.', toName(problem.params.target));
    case 'no-time':
      return vscode.l10n.t('“{0}” is not a time. Write seconds, such as 1.5.', toName(problem.params.value));
    case 'times-order':
      return vscode.l10n.t('The shot would end before it begins.');
    case 'beyond-end':
      return vscode.l10n.t('The video is only {0} long.', formatSeconds(problem.params.seconds));
    case 'no-answer':
      return vscode.l10n.t(
        '“{0}”: write yes or no. As long as it is unclear, the shot is not sent.',
        toName(problem.params.value),
      );
    case 'no-prompt':
      return vscode.l10n.t('The shot has no prompt yet. Write it below, as a quotation: > …');
    case 'prompt-too-long':
      return vscode.l10n.t(
        'With cast and style, {0} characters would be sent; {1} are allowed.',
        formatNumber(problem.params.length),
        formatNumber(problem.params.limit),
      );
    case 'repeated-shot':
      return problem.severity === 'error'
        ? vscode.l10n.t(
            'There are two shots “{0}”, and nothing tells whose takes are whose. Change the number or the title.',
            toName(problem.params.name),
          )
        : vscode.l10n.t('There are two shots with the number “{0}”.', toName(problem.params.name));
    case 'repeated-name':
      return vscode.l10n.t('“{0}” is in the cast twice. The first one counts.', toName(problem.params.name));
    case 'prompt':
      return describeRemark(problem.params.remark);
  }
}

function describeUnread({ of, reason, limit }: Extract<Problem, { code: 'unread' }>['params']): string {
  const why =
    reason === 'long'
      ? vscode.l10n.t(
          'This section is longer than {0} characters and was not read: make it shorter, or put notes below headings of their own.',
          formatNumber(limit),
        )
      : vscode.l10n.t(
          'This section has more signs of Markdown, or more lists and quotations in each other, than can be read. Write it more simply.',
        );
  switch (of) {
    case 'shot':
      return `${why} ${vscode.l10n.t('The shot is not sent.')}`;
    case 'cast':
      return `${why} ${vscode.l10n.t('Without its cast, nothing of this file is sent.')}`;
    case 'notes':
      return why;
  }
}

/** Says what a fix would do, on one line. */
export function describeProblemFix({ action }: ProblemFix): string {
  switch (action.kind) {
    case 'write':
      return vscode.l10n.t('Write: {0}', toName(action.text));
    case 'remove':
      return vscode.l10n.t('Remove “{0}”', toName(action.text));
    case 'move':
      return vscode.l10n.t('Move “{0}” below the heading', toName(action.text));
    case 'add-name':
      return vscode.l10n.t('Add “{0}” to the cast', toName(action.name));
    case 'remark':
      return describeFix(action.fix, action.text);
  }
}

/**
 * The words of a lens. What it does is up to who shows it.
 *
 * @param state of the task that the lens is about, in words
 */
export function describeLens(lens: Lens, state = ''): string {
  switch (lens.kind) {
    case 'generate-missing':
      return lens.count === 1
        ? vscode.l10n.t('Generate 1 missing shot ({0})', formatSum(lens))
        : vscode.l10n.t('Generate {0} missing shots ({1})', lens.count, formatSum(lens));
    case 'go-on':
      return lens.count === 1
        ? vscode.l10n.t('1 shot waits for {0}’s take: continue ({1})', toName(lens.source), formatSum(lens))
        : vscode.l10n.t(
            '{0} shots wait for {1}’s take: continue ({2})',
            lens.count,
            toName(lens.source),
            formatSum(lens),
          );
    case 'run': {
      const names = lens.sources.slice(0, MAX_SOURCES).map(toName).join(', ');
      const sources = lens.sources.length > MAX_SOURCES ? `${names}, …` : names;
      return lens.count === 1
        ? vscode.l10n.t('1 shot is sent as soon as it can begin. Waits for {0}', sources)
        : vscode.l10n.t('{0} shots are sent as soon as they can begin. Wait for {1}', lens.count, sources);
    }
    case 'stop':
      return vscode.l10n.t('Stop the run');
    case 'loose-takes':
      return lens.count === 1
        ? vscode.l10n.t('1 take without a shot')
        : vscode.l10n.t('{0} takes without a shot', lens.count);
    case 'another':
      return vscode.l10n.t('Another take ({0})', formatOrder(lens));
    case 'generate': {
      const facts = formatOrder(lens);
      return lens.after === undefined
        ? vscode.l10n.t('Generate ({0})', facts)
        : vscode.l10n.t('Generate after {0} ({1})', toName(lens.after), facts);
    }
    case 'generate-chain':
      return vscode.l10n.t('Generate up to here: {0} shots ({1})', lens.count, formatSum(lens));
    case 'underway':
      return state === '' ? vscode.l10n.t('Being generated') : state;
    case 'waits':
      return vscode.l10n.t('Waits for {0}', toName(lens.source));
    case 'stuck':
      return lens.reason === 'unknown'
        ? vscode.l10n.t('It is not known whether it was sent')
        : lens.reason === 'failed'
          ? vscode.l10n.t('Failed')
          : lens.reason === 'refused'
            ? vscode.l10n.t('The service refused this text')
            : vscode.l10n.t('Cannot begin: {0} has no take', toName(lens.source ?? ''));
    case 'failed':
      return state === '' ? vscode.l10n.t('Failed') : state;
    case 'takes':
      return lens.count === 0
        ? vscode.l10n.t('Take chosen')
        : lens.count === 1
          ? vscode.l10n.t('1 take')
          : vscode.l10n.t('{0} takes', lens.count);
    case 'compare':
      return vscode.l10n.t('Compare');
    case 'continues':
      return vscode.l10n.t('Continues {0}', toName(lens.source));
  }
}

const MAX_SOURCES = 3;

function formatOrder({ price, seconds }: { price: number | undefined; seconds: number | undefined }): string {
  return seconds === undefined ? formatPrice(price) : `${formatPrice(price)} · ${formatSeconds(seconds)}`;
}

/** What is not known is not left out silently. */
function formatSum({ sum, count, unpriced }: LensSum): string {
  return unpriced === 0
    ? formatRoubles(sum)
    : unpriced === count
      ? formatPrice(undefined)
      : vscode.l10n.t('{0} and more', formatRoubles(sum));
}

/** Why a shot is not sent now, in a sentence that holds words of the file; empty for one that is. */
export function describeStep({ state }: PlanStep, steps: readonly PlanStep[]): string {
  if (state.kind !== 'stuck') {
    return state.kind === 'underway' ? vscode.l10n.t('Being generated') : '';
  }
  switch (state.reason) {
    case 'no-prompt':
      return vscode.l10n.t('The shot has no prompt yet.');
    case 'problem':
      return vscode.l10n.t('Something is wrong with it: see the problems of the file.');
    case 'unknown':
      return vscode.l10n.t(
        'It may have been sent and charged, so it is not sent again. Its task in the list says what can be done.',
      );
    case 'failed':
      return vscode.l10n.t('It failed.');
    case 'refused':
      return vscode.l10n.t('The service refused this text. Change it: repeating it may get the account suspended.');
    case 'source':
      return vscode.l10n.t(
        'It begins with the last frame of {0}, which has no take.',
        toName(steps[state.on ?? -1]?.shot.identity.label ?? ''),
      );
  }
}

/** Says what is sent with a shot: model and price, one line. */
export function describeOrder(model: string, ratio: string, price: number | undefined): string {
  return [formatModelTitle(model), ratio, formatPrice(price)].join(' · ');
}

function toName(text: string): string {
  return toSingleLine(text, MAX_CHARS);
}
