import * as vscode from 'vscode';
import { oneLine } from '../platform/foreignText';
import type { FrameOrigin } from '../tasks/record';
import { Commands } from './ids';
import type { MadePicture } from './pictures';
import type { Rooms } from './rooms';
import { saveFrame } from './saving/saveFrame';
import { tell } from './tellError';

/** What the page of a preview made of its video, or was given. */
export interface TakenPicture {
  use: 'firstFrame' | 'save';
  /** Not looked at yet: a page says what it likes. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The task of the preview. */
  task: string;
  /** Of the file that the person dropped. */
  name?: string | undefined;
  /** Of its video; absent for an image that the person pasted or dropped. */
  frame?: Omit<FrameOrigin, 'task'> | undefined;
  thumbnail?: string | undefined;
}

/** Does with a picture what the person asked for. Tells what goes wrong; throws nothing. */
export async function takePicture(rooms: Rooms, picture: TakenPicture): Promise<void> {
  try {
    await (picture.use === 'save' ? saveFrame(rooms, picture) : useAsFirstFrame(rooms, picture));
  } catch (error) {
    await tell(rooms, 'picture', error);
  }
}

async function useAsFirstFrame(rooms: Rooms, { bytes, task, name, frame, thumbnail }: TakenPicture): Promise<void> {
  const picture: MadePicture = {
    picture: bytes,
    label: name || labelOf(rooms.store.get(task)?.request.prompt || task, frame),
    from: frame && { task, ...frame },
    thumbnail,
  };
  await vscode.commands.executeCommand(Commands.useAsFirstFrame, picture);
}

/** `Last frame of “A red fox”`, `0:03.2 of “A red fox”` */
function labelOf(prompt: string, frame: TakenPicture['frame']): string {
  if (!frame) {
    return vscode.l10n.t('Pasted image');
  }
  const words = oneLine(prompt, 40);
  return frame.isLast
    ? vscode.l10n.t('Last frame of “{0}”', words)
    : vscode.l10n.t('{0} of “{1}”', position(frame.seconds), words);
}

/** As the player shows it: whole tenths that have passed. */
function position(seconds: number): string {
  const tenths = Math.floor(seconds * 10);
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`;
}
