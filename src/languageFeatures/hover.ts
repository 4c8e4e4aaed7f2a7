import * as vscode from 'vscode';
import { escapeMarkdown, truncate } from '../common/text';
import { describeOrder } from '../messages/storyboardProblems';
import { formatDateTime, formatModelTitle, formatPrice, formatRoubles } from '../messages/format';
import type { Span } from '../storyboard/mappedText';
import { findFileSetting, findShotAt } from '../storyboard/parse';
import type { ResolvedShot } from '../storyboard/resolve';
import { formatPoster } from '../views/tasks/taskTreeItem';
import { describeKey } from './completion';
import { findNameAt } from './names';
import type { ReadStoryboard } from '../platform/storyboardFiles';

/** What is told about a place: Markdown of ours, in which the words of the file are text. */
export interface HoverText {
  span: Span;
  blocks: readonly string[];
  /** The shot that it is about, by its index: its takes belong below. */
  shot?: number | undefined;
}

/** A finished video of a shot. */
export interface ShownTake {
  /** Among all tasks of the shot, from 1 by age. */
  number: number;
  createdAt: number;
  /** Roubles. */
  price: number | undefined;
  /** It is the one that the film takes: because the file says so, or as the newest. */
  counts?: 'chosen' | 'newest' | undefined;
  /** A JPEG. */
  poster?: Uint8Array | undefined;
}

const MAX_CHARS = 2_000;
const MAX_LINES = 30;

/**
 * @param priceOf roubles; `undefined` when unknown
 * @param picture Markdown that shows an image of the document; `undefined` for one that is not ours to open
 */
export function getHover(
  read: Pick<ReadStoryboard, 'storyboard' | 'resolved'>,
  offset: number,
  priceOf: (model: string) => number | undefined,
  picture: (target: string) => string | undefined = () => undefined,
): HoverText | undefined {
  const { storyboard, resolved } = read;
  const isAt = ({ start, end }: Span) => start <= offset && offset <= end;
  const name = findNameAt(read, offset);
  if (name) {
    const { member, span } = name;
    const image = member.image && picture(member.image.url);
    return {
      span,
      blocks: [`**${toText(member.name)}**`, toText(member.description.text), image ?? ''].filter(
        (block) => block !== '',
      ),
    };
  }
  const model = findFileSetting(storyboard, 'model');
  if (model?.value && isAt(model.span)) {
    return { span: model.span, blocks: [describeModel(model.value, priceOf)] };
  }
  const shot = findShotAt(storyboard, offset);
  const own = shot && resolved.shots[shot.index];
  if (!shot || !own) {
    return undefined;
  }
  const setting = shot.settings.find(({ nameSpan, span }) => isAt(nameSpan) || isAt(span));
  if (setting) {
    if (isAt(setting.nameSpan)) {
      return { span: setting.nameSpan, blocks: [describeKey(setting.key)] };
    }
    const source = own.continues === undefined ? undefined : resolved.shots[own.continues];
    const blocks =
      setting.key === 'model'
        ? [describeModel(setting.value, priceOf)]
        : setting.key === 'duration' || setting.key === 'resolution'
          ? [describeModel(own.model, priceOf)]
          : setting.key === 'continue' && source
            ? describeShot(source, priceOf)
            : [];
    return blocks.length === 0 ? undefined : { span: setting.span, blocks };
  }
  const place = [shot.heading, shot.promptSpan].find((span) => span !== undefined && isAt(span));
  return (
    place && { span: { start: place.start, end: place.end }, blocks: describeShot(own, priceOf), shot: shot.index }
  );
}

/** Two pictures: VS Code cuts Markdown at 100,000 characters, of which the largest poster has 44,000. */
const TAKES_IN_ROW = 2;
/** Pixels. */
const POSTER_HEIGHT = 110;

/** The size of a picture stands behind a bar, which would end the cell. */
function toCell(markdown: string): string {
  return markdown.replaceAll('|', '\\|');
}

/** The takes of a shot as tables of pictures and what they are, one table a block. */
export function describeTakes(takes: readonly ShownTake[]): string[] {
  const rows = takes.flatMap((_, index) =>
    index % TAKES_IN_ROW === 0 ? [takes.slice(index, index + TAKES_IN_ROW)] : [],
  );
  return rows.map((row) => {
    const isPictured = row.some(({ poster }) => poster);
    const cells = [
      row.map(({ number, counts }) => {
        const name = toText(vscode.l10n.t('Take {0}', number));
        return counts === undefined
          ? name
          : `${name} ✓ ${toText(counts === 'chosen' ? vscode.l10n.t('chosen') : vscode.l10n.t('counts, as the newest'))}`;
      }),
      row.map(() => '---'),
      ...(isPictured ? [row.map(({ poster }) => (poster ? toCell(formatPoster(poster, POSTER_HEIGHT)) : ''))] : []),
      row.map(({ createdAt, price }) =>
        toText([formatDateTime(createdAt), ...(price === undefined ? [] : [formatRoubles(price)])].join(' · ')),
      ),
    ];
    return cells.map((line) => `| ${line.join(' | ')} |`).join('\n');
  });
}

function describeShot(
  { prompt, model, ratio }: ResolvedShot,
  priceOf: (model: string) => number | undefined,
): string[] {
  const order = toText(describeOrder(model, ratio, priceOf(model)));
  if (prompt === '') {
    return [toText(vscode.l10n.t('The shot has no prompt yet.')), order];
  }
  const isCut = truncate(prompt, MAX_CHARS, MAX_LINES) !== truncate(prompt, Infinity, Infinity);
  return [
    `**${toText(vscode.l10n.t('Text that is sent'))}**`,
    toText(prompt),
    ...(isCut ? [toText(vscode.l10n.t('All of it is shown where you confirm that it is sent.'))] : []),
    order,
  ];
}

function describeModel(id: string, priceOf: (model: string) => number | undefined): string {
  return toText(`${formatModelTitle(id)} · ${formatPrice(priceOf(id))}`);
}

function toText(text: string): string {
  return escapeMarkdown(truncate(text, MAX_CHARS, MAX_LINES));
}
