import * as vscode from 'vscode';
import { toSingleLine } from '../common/text';
import type { Fix, Remark } from '../prompting/remark';
import { formatModelTitle, formatNumber, formatPrice } from './format';

/** Says what a remark is about and what would be better, in plain text that holds words of the prompt: escape it. */
export function describeRemark(remark: Remark): string {
  const excerpt = toSingleLine(remark.excerpt, MAX_EXCERPT_CHARS);
  switch (remark.rule) {
    case 'negation':
      return vscode.l10n.t('“{0}”: the model does not follow negations. Say what is there instead.', excerpt);
    case 'flag':
      return vscode.l10n.t(
        '“{0}” contradicts what is chosen: {1}, {2}.',
        excerpt,
        formatModelTitle(remark.params.model),
        remark.params.aspectRatio,
      );
    case 'seconds':
      return vscode.l10n.t('“{0}”: this model does not read seconds. Number the shots instead.', excerpt);
    case 'too-many-shots': {
      const { shots, seconds, fitting } = remark.params;
      return vscode.l10n.t('Shots: {0} in {1} s. There is time for {2}, at about 4 s each.', shots, seconds, fitting);
    }
    case 'camera': {
      const first = toSingleLine(remark.params.first, MAX_EXCERPT_CHARS);
      return remark.params.isStatic
        ? vscode.l10n.t('“{0}” and “{1}”: the camera can move or stand still, not both in one shot.', first, excerpt)
        : vscode.l10n.t('“{0}” and “{1}”: use one camera move in a shot.', first, excerpt);
    }
    case 'still-described':
      return vscode.l10n.t('The first frame shows what stands still. Describe what moves.');
    case 'silent-model': {
      const { other } = remark.params;
      return other === undefined
        ? vscode.l10n.t('“{0}”: this model makes no sound.', excerpt)
        : vscode.l10n.t(
            '“{0}”: this model makes no sound. With sound: {1}, {2}.',
            excerpt,
            formatModelTitle(other.id),
            formatPrice(other.price),
          );
    }
    case 'length': {
      const { count, limit, unit } = remark.params;
      return unit === 'words'
        ? vscode.l10n.t(
            'Words: {0}. Of more than {1} the model drops details.',
            formatNumber(count),
            formatNumber(limit),
          )
        : vscode.l10n.t(
            'Chinese characters: {0}. Of more than {1} the model drops details.',
            formatNumber(count),
            formatNumber(limit),
          );
    }
    case 'control-characters':
      return vscode.l10n.t('Characters that nobody sees: {0}. They are left out.', remark.params.count);
    case 'person-photo':
      return vscode.l10n.t('Seedance 2 may refuse photographs of real people. A refusal costs nothing.');
    case 'unknown-name': {
      const names = remark.params.names.slice(0, MAX_NAMES).map((name) => toSingleLine(name, MAX_EXCERPT_CHARS));
      return names.length === 0
        ? vscode.l10n.t('“{0}” is not in the cast, which is empty.', excerpt)
        : vscode.l10n.t(
            '“{0}” is not in the cast: {1}.',
            excerpt,
            `${names.join(', ')}${remark.params.names.length > MAX_NAMES ? ', …' : ''}`,
          );
    }
  }
}

/** Says what a fix would do, on one line. */
export function describeFix(fix: Fix, text: string): string {
  switch (fix.kind) {
    case 'choose':
      return vscode.l10n.t('Take {0}, {1}', formatModelTitle(fix.model), fix.aspectRatio);
    case 'split':
      return vscode.l10n.t('Make {0} videos of it, each at the price of one', fix.prompts.length);
    case 'edit': {
      const inserted = fix.edits.map((edit) => edit.text).filter((part) => part !== '');
      if (inserted.length > 0) {
        return vscode.l10n.t('Write: {0}', toSingleLine(inserted.join(' … '), MAX_EXCERPT_CHARS));
      }
      const [edit] = fix.edits;
      const removed = edit ? text.slice(edit.start, edit.end) : '';
      const shown = toSingleLine(removed, MAX_EXCERPT_CHARS).replace(/^[,;.\s]+|[,;.\s]+$/g, '');
      return shown === '' ? vscode.l10n.t('Remove them') : vscode.l10n.t('Remove “{0}”', shown);
    }
  }
}

const MAX_EXCERPT_CHARS = 60;
const MAX_NAMES = 8;
