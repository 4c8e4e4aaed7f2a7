import * as vscode from 'vscode';
import { escapeMarkdown, truncate } from '../common/text';
import { describeOrder } from '../messages/storyboardProblems';
import { formatModelTitle, formatPrice } from '../messages/format';
import type { Span } from '../storyboard/mappedText';
import { findFileSetting, findShotAt } from '../storyboard/parse';
import type { ResolvedShot } from '../storyboard/resolve';
import { describeKey } from './completion';
import { findNameAt } from './names';
import type { ReadStoryboard } from '../platform/storyboardFiles';

/** What is told about a place: Markdown of ours, in which the words of the file are text. */
export interface HoverText {
  span: Span;
  blocks: readonly string[];
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
  return place && { span: { start: place.start, end: place.end }, blocks: describeShot(own, priceOf) };
}

function describeShot(
  { prompt, model, ratio }: ResolvedShot,
  priceOf: (model: string) => number | undefined,
): string[] {
  const order = toText(describeOrder(model, ratio, priceOf(model)));
  return prompt === ''
    ? [toText(vscode.l10n.t('The shot has no prompt yet.')), order]
    : [`**${toText(vscode.l10n.t('Text that is sent'))}**`, toText(prompt), order];
}

function describeModel(id: string, priceOf: (model: string) => number | undefined): string {
  return toText(`${formatModelTitle(id)} · ${formatPrice(priceOf(id))}`);
}

function toText(text: string): string {
  return escapeMarkdown(truncate(text, MAX_CHARS, MAX_LINES));
}
