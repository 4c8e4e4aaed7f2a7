import * as vscode from 'vscode';
import { toSingleLine } from '../common/text';
import type { TextEdit } from '../prompting/remark';
import type { Span } from '../storyboard/mappedText';
import { findCastMember, findSetting, findShotAt, type CastMember } from '../storyboard/parse';
import type { ReadStoryboard } from '../platform/storyboardFiles';

type Read = Pick<ReadStoryboard, 'storyboard' | 'resolved'>;

/** A name of the cast at a place: where it stands, without the sign, and who it is. */
export interface NameAt {
  member: CastMember;
  span: Span;
  isMention: boolean;
}

/** Finds the name at an offset: in the cast itself, or as `@Name` in a prompt. */
export function findNameAt({ storyboard, resolved }: Read, offset: number): NameAt | undefined {
  const isAt = ({ start, end }: Span) => start <= offset && offset <= end;
  const member = storyboard.cast.find(({ nameSpan }) => isAt(nameSpan));
  if (member) {
    return { member, span: member.nameSpan, isMention: false };
  }
  const shot = findShotAt(storyboard, offset);
  if (!shot?.promptSpan || !isAt(shot.promptSpan)) {
    return undefined;
  }
  for (const mention of resolved.names.find(shot.prompt.text)) {
    const whole = shot.prompt.spanOf(mention.start, mention.end);
    const span = shot.prompt.spanOf(mention.start + 1, mention.end);
    if (whole && span && isAt(whole)) {
      return { member: mention.member, span, isMention: true };
    }
  }
  return undefined;
}

/** Where the thing at a place is defined: a name in the cast, a shot that is continued. */
export function findDefinition(read: Read, offset: number): { from: Span; to: Span } | undefined {
  const name = findNameAt(read, offset);
  if (name?.isMention) {
    return { from: name.span, to: name.member.nameSpan };
  }
  const shot = findShotAt(read.storyboard, offset);
  const setting = shot && findSetting(shot, 'continue');
  const target = shot && read.resolved.shots[shot.index]?.continues;
  if (!setting || target === undefined || offset < setting.span.start || offset > setting.span.end) {
    return undefined;
  }
  return { from: setting.span, to: read.storyboard.shots[target]!.labelSpan };
}

/**
 * The edits that give a member of the cast another name, wherever it is spoken of. The words around it stay.
 *
 * @throws {Error} with what is wrong with the new name
 */
export function rename({ storyboard, resolved }: Read, { member }: NameAt, newName: string): TextEdit[] {
  const name = newName.trim().replace(/^@/, '');
  if (!/^[\p{L}\p{N}][\p{L}\p{N}\p{M} .'’_-]{0,59}$/u.test(name)) {
    throw new Error(
      vscode.l10n.t('A name begins with a letter or number and has at most 60 characters, without signs of Markdown.'),
    );
  }
  const other = findCastMember(storyboard.cast, name);
  if (other && other !== member) {
    throw new Error(vscode.l10n.t('“{0}” is in the cast already.', toSingleLine(name, 60)));
  }
  const mentions = storyboard.shots.flatMap(({ prompt }) =>
    resolved.names.find(prompt.text).flatMap((mention) => {
      const edit = { start: mention.start + 1, end: mention.end, text: name };
      return mention.member === member ? prompt.toSourceEdits(edit) : [];
    }),
  );
  return [{ ...member.nameSpan, text: name }, ...mentions];
}
