import * as vscode from 'vscode';
import { ASPECT_RATIOS } from '../api/aspectRatio';
import { parseModelId, type ModelInfo } from '../api/models';
import { getDurations } from '../api/modelGroups';
import { formatModelTitle, formatPrice, formatSeconds, locale } from '../messages/format';
import { PROMPT_WORDS, type WordGroup } from '../prompting/words';
import {
  FILE_KEYS,
  findFileKey,
  findShotKey,
  nameOfFileKey,
  nameOfShotKey,
  SHOT_KEYS,
  type ShotKey,
} from '../storyboard/keys';
import type { Span } from '../storyboard/mappedText';
import { findFileSetting, findSetting, findShotAt, getShotName, type Shot } from '../storyboard/parse';
import { parseResolution } from '../storyboard/resolve';
import type { ReadStoryboard } from '../platform/storyboardFiles';

/** What may be written at a place, by offsets of the document. */
export interface Completion {
  label: string;
  kind: 'key' | 'value' | 'model' | 'shot' | 'name' | 'word';
  insert: string;
  replace: Span;
  detail?: string | undefined;
  /** What it is found by besides its label. */
  filter?: string | undefined;
  /** A value can be chosen at once. */
  goesOn?: boolean | undefined;
  /** `$0` is where the cursor is left. */
  isSnippet?: boolean | undefined;
}

export interface CompletionOptions {
  models: readonly ModelInfo[];
  /** Asked for by the user, and not by a sign that was typed. */
  isAskedFor: boolean;
}

export function getCompletions(
  { text, storyboard, resolved }: Pick<ReadStoryboard, 'text' | 'storyboard' | 'resolved'>,
  offset: number,
  { models, isAskedFor }: CompletionOptions,
): Completion[] {
  const lineStart = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  const before = text.slice(lineStart, offset);
  const after = /^[^\r\n]*/.exec(text.slice(offset, offset + MAX_LINE_CHARS))?.[0] ?? '';
  const { frontMatter } = storyboard;
  if (frontMatter && frontMatter.inner.start <= offset && offset <= frontMatter.inner.end) {
    return inFrontMatter({ before, after, offset });
  }
  const shot = findShotAt(storyboard, offset);
  if (!shot) {
    return [];
  }
  const bullet = /^( {0,3}[-*+]\s+)(?:\*\*)?([^:：>]*)$/.exec(before);
  const value = /^ {0,3}[-*+]\s+(?:\*\*)?([^:：>]{1,40}?)(?:\*\*)?\s*[:：](?:\*\*)?\s*(.*)$/.exec(before);
  const isHead = shot.promptSpan === undefined || offset < shot.promptSpan.start;
  if (value && isHead) {
    const key = findShotKey(value[1]!);
    const replace = { start: offset - value[2]!.length, end: offset + after.trimEnd().length };
    const lead = /[:：]$/.test(before) ? ' ' : '';
    return key === undefined ? [] : ofValue(key, shot, replace).map((one) => ({ ...one, insert: lead + one.insert }));
  }
  if (bullet && isHead) {
    const replace = { start: offset - bullet[2]!.length, end: offset };
    return SHOT_KEYS.filter((key) => !findSetting(shot, key)).map((key): Completion => {
      const name = nameOfShotKey(key, storyboard.language);
      return {
        label: name,
        kind: 'key',
        insert: /^\s*[:：]/.test(after) ? name : `${name}: `,
        replace,
        detail: describeKey(key),
        goesOn: key !== 'take' && key !== 'in' && key !== 'out',
        // Both languages are read, so both are found.
        filter: `${name} ${nameOfShotKey(key, 'en')} ${nameOfShotKey(key, 'ru')}`,
      };
    });
  }
  const isPrompt = shot.promptSpan
    ? shot.promptSpan.start <= offset && offset <= Math.max(shot.promptSpan.end, lineStart)
    : /^ {0,3}>/.test(before);
  return isPrompt || /^ {0,3}>/.test(before) ? inPrompt(before) : [];

  function inFrontMatter(at: { before: string; after: string; offset: number }): Completion[] {
    const pair = /^([^:]{1,40}?)\s*:\s*(["']?)([^"']*)$/.exec(at.before);
    const key = pair ? findFileKey(pair[1]!) : undefined;
    if (pair && (key === 'model' || key === 'ratio')) {
      const rest = /^[^"'\s#]*["']?/.exec(at.after)?.[0] ?? '';
      const replace = { start: at.offset - pair[3]!.length - pair[2]!.length, end: at.offset + rest.length };
      const lead = at.before.endsWith(':') ? ' ' : '';
      return key === 'model'
        ? ofModels(replace).map((one) => ({ ...one, insert: lead + one.insert }))
        : ASPECT_RATIOS.map((ratio) => ({
            label: ratio,
            kind: 'value',
            insert: `${lead}"${ratio}"`,
            filter: `"${ratio}" ${ratio}`,
            replace,
          }));
    }
    const name = /^[\p{L} ]*$/u.exec(at.before)?.[0];
    return name === undefined
      ? []
      : FILE_KEYS.filter((one) => !findFileSetting(storyboard, one)).map((one): Completion => ({
          label: nameOfFileKey(one, storyboard.language),
          kind: 'key',
          insert: `${nameOfFileKey(one, storyboard.language)}: `,
          replace: { start: at.offset - name.length, end: at.offset },
          detail: describeFileKey(one),
          goesOn: one === 'model' || one === 'ratio',
        }));
  }

  function ofModels(replace: Span): Completion[] {
    return models
      .toSorted((a, b) => Number(b.name !== undefined) - Number(a.name !== undefined))
      .map(({ id, price, name }) => ({
        label: id,
        kind: 'model',
        insert: id,
        replace,
        // The id says the rest, and the widget cuts what is long.
        detail: [formatPrice(price), ...(name?.seconds === undefined ? [] : [formatSeconds(name.seconds)])].join(' · '),
        filter: `${id} ${formatModelTitle(id)}`,
      }));
  }

  function ofValue(key: ShotKey, own: Shot, replace: Span): Completion[] {
    const chosen = resolved.shots[own.index]!;
    switch (key) {
      case 'model':
        return ofModels(replace);
      case 'ratio':
        return ASPECT_RATIOS.map((ratio) => ({ label: ratio, kind: 'value', insert: ratio, replace }));
      case 'duration': {
        const name = parseModelId(chosen.model);
        return (name ? getDurations(models, name.family, name.resolution) : []).flatMap(
          ({ seconds, price }): Completion[] =>
            seconds === undefined
              ? []
              : [
                  {
                    label: String(seconds),
                    kind: 'value',
                    insert: String(seconds),
                    replace,
                    detail: `${formatSeconds(seconds)} · ${formatPrice(price)}`,
                  },
                ],
        );
      }
      case 'resolution': {
        const name = parseModelId(chosen.model);
        return models
          .filter(
            (one) => one.name?.family === name?.family && name !== undefined && one.name?.seconds === name.seconds,
          )
          .flatMap(({ id, price }): Completion[] => {
            const resolution = parseResolution(parseModelId(id)?.resolution);
            return resolution === undefined
              ? []
              : [{ label: resolution, kind: 'value', insert: resolution, replace, detail: formatPrice(price) }];
          });
      }
      case 'continue':
        return storyboard.shots
          .filter((other) => other !== own)
          .map((other): Completion => {
            const isAlone = storyboard.shots.every((one) => one === other || one.label !== other.label);
            const name = isAlone ? other.label : other.group ? `${other.group} / ${other.label}` : getShotName(other);
            return {
              label: name,
              kind: 'shot',
              insert: name,
              replace,
              detail: other.title,
              filter: `${name} ${other.title}`,
            };
          });
      case 'firstFrame':
        return [
          {
            label: '![](…)',
            kind: 'value',
            insert: '![]($0)',
            isSnippet: true,
            replace,
            detail: vscode.l10n.t('An image'),
            goesOn: true,
          },
        ];
      case 'skip': {
        const yes = storyboard.language === 'ru' ? 'да' : 'yes';
        return [{ label: yes, kind: 'value', insert: yes, replace }];
      }
      default:
        return [];
    }
  }

  function inPrompt(line: string): Completion[] {
    const mention = /(?<![\p{L}\p{N}])@([\p{L}\p{N} '’-]{0,40})$/u.exec(line);
    const typed = mention?.[1]?.toLowerCase() ?? '';
    // Blanks may belong to a name, or to the words behind one.
    const isName = !typed.includes(' ') || storyboard.cast.some(({ name }) => name.toLowerCase().startsWith(typed));
    if (mention && isName) {
      const replace = { start: offset - mention[0].length, end: offset };
      return storyboard.cast.map(({ name, description }) => ({
        label: `@${name}`,
        kind: 'name',
        insert: `@${name}`,
        replace,
        detail: description.text.slice(0, MAX_DETAIL_CHARS),
      }));
    }
    if (!isAskedFor) {
      return [];
    }
    const word = /[\p{L}\p{N}-]*$/u.exec(line)?.[0] ?? '';
    return PROMPT_WORDS.map(({ group, en, ru }) => ({
      label: en,
      kind: 'word',
      insert: en,
      replace: { start: offset - word.length, end: offset },
      detail: locale.startsWith('ru') ? `${ru} · ${describeGroup(group)}` : describeGroup(group),
      filter: `${en} ${ru}`,
    }));
  }
}

const MAX_LINE_CHARS = 2_000;
const MAX_DETAIL_CHARS = 100;

/** Says what a setting does, in a few words. */
export function describeKey(key: ShotKey): string {
  switch (key) {
    case 'model':
      return vscode.l10n.t('The model of this shot');
    case 'ratio':
      return vscode.l10n.t('The aspect ratio of this shot');
    case 'firstFrame':
      return vscode.l10n.t('The image that the shot begins with');
    case 'continue':
      return vscode.l10n.t('Begins with the last frame of another shot');
    case 'duration':
      return vscode.l10n.t('Seconds, of those that the model’s family has');
    case 'resolution':
      return vscode.l10n.t('Resolution, of those that the model’s family has');
    case 'take':
      return vscode.l10n.t('The chosen video');
    case 'in':
      return vscode.l10n.t('Where the shot begins in the film, seconds of the video');
    case 'out':
      return vscode.l10n.t('Where the shot ends in the film, seconds of the video');
    case 'skip':
      return vscode.l10n.t('Neither generated nor part of the film');
  }
}

function describeFileKey(key: (typeof FILE_KEYS)[number]): string {
  switch (key) {
    case 'model':
      return vscode.l10n.t('The model of all shots that name no other');
    case 'ratio':
      return vscode.l10n.t('The aspect ratio of all shots that name no other');
    case 'style':
      return vscode.l10n.t('Added at the end of each prompt');
    case 'folder':
      return vscode.l10n.t('The folder that takes are saved to');
  }
}

function describeGroup(group: WordGroup): string {
  switch (group) {
    case 'size':
      return vscode.l10n.t('Shot size');
    case 'camera':
      return vscode.l10n.t('Camera');
    case 'light':
      return vscode.l10n.t('Light');
    case 'lens':
      return vscode.l10n.t('Lens and film');
    case 'transition':
      return vscode.l10n.t('Transition');
  }
}
