import * as vscode from 'vscode';
import { DELIVERY_IDS, type FrameImage } from '../frames/delivery';
import { FrameError } from '../frames/errors';
import { imageOfLink, parseFrameLink } from '../frames/link';
import { explainFrameError } from '../platform/frameText';
import { formatRoubles } from '../platform/format';
import { inLabel, inMessage } from '../platform/foreignText';
import { readImageFile } from '../platform/imageFile';
import { modelTitle } from '../platform/modelText';
import type { FirstFrame, TaskRecord } from '../tasks/record';
import { chooseDelivery, isInlineTold } from './generating/deliveryPick';
import { offerAndSend, planFor } from './generating/flow';
import { pickFrame } from './generating/framePick';
import { pickModel } from './generating/modelPick';
import type { ChosenFrame, Plan } from './generating/plan';
import { namedInstead } from './generating/refusedModels';
import { Commands } from './ids';
import type { Rooms } from './rooms';
import { requireKey } from './setApiKey';
import { BACK, type Answer } from './steps';
import { taskOf } from './taskArgument';
import { Told } from './tellError';

/** The question with everything as it was. The old task stays as it is. */
export async function run(rooms: Rooms, argument: unknown, how?: unknown): Promise<string | undefined> {
  const record = await taskOf(rooms, argument);
  const { prompt, model, aspectRatio, firstFrame } = record.request;
  if (prompt === '') {
    throw new Told(vscode.l10n.t('The prompt of this task is not known yet.'));
  }
  if (record.state === 'unknown' && !(await mayCostTwice(record))) {
    return undefined;
  }
  if ((await requireKey(rooms)) === undefined) {
    return undefined;
  }
  const frames = firstFrame ? await frameAgain(rooms, firstFrame, wants(how, 'chooseDelivery')) : [];
  if (frames === undefined) {
    return undefined;
  }
  const usual = planFor([prompt], undefined);
  const other = wants(how, 'chooseModel') ? await pickInstead(rooms, record) : model || usual.model;
  if (other === undefined) {
    return undefined;
  }
  const plan: Plan = {
    ...usual,
    frames,
    model: other,
    aspectRatio: aspectRatio ?? usual.aspectRatio,
    isRatioChosen: aspectRatio !== undefined,
  };
  return (await offerAndSend(rooms, plan))?.[0]?.id;
}

/** After a refused model or image; the tree passes its selection in this place. */
function wants(how: unknown, what: 'chooseModel' | 'chooseDelivery'): boolean {
  return typeof how === 'object' && how !== null && (how as Record<string, unknown>)[what] === true;
}

async function pickInstead(rooms: Rooms, { id, request: { model } }: TaskRecord): Promise<string | undefined> {
  const picked = await pickModel(rooms, model, {
    models: namedInstead(id),
    without: model,
    placeholder: vscode.l10n.t('The service refused {0}. Another model:', inLabel(modelTitle(model), 60)),
  });
  return typeof picked === 'string' ? picked : undefined;
}

/** The lost answer may have been "accepted": the person decides knowingly. */
async function mayCostTwice(record: TaskRecord): Promise<boolean> {
  const again = vscode.l10n.t('Generate again');
  const addId = vscode.l10n.t('Add its ID…');
  const price = record.quotedPrice;
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('This video may already be on its way.'),
    {
      modal: true,
      detail: [
        price === undefined
          ? vscode.l10n.t(
              'No answer came to the request, so it may have been charged. Generating again may cost a second time.',
            )
          : vscode.l10n.t(
              'No answer came to the request, so {0} may have been charged. Generating again may cost it a second time.',
              formatRoubles(price),
            ),
        vscode.l10n.t('If you find the task in your account at the service, add its ID instead.'),
      ].join(' '),
    },
    // First, so that a quick Enter costs nothing.
    addId,
    again,
  );
  if (choice === addId) {
    await vscode.commands.executeCommand(Commands.addId, record.id);
  }
  return choice === again;
}

/** @param otherwise the image in another way than it was sent */
async function frameAgain(
  rooms: Rooms,
  frame: FirstFrame,
  otherwise: boolean,
): Promise<readonly ChosenFrame[] | undefined> {
  try {
    if (otherwise) {
      const frames = await inAnotherWay(rooms, frame);
      return frames === BACK ? undefined : frames;
    }
    const delivery =
      DELIVERY_IDS.find((id) => id === frame.delivery) ?? (frame.link === undefined ? undefined : 'link');
    const image = await imageOf(frame, delivery === 'link');
    // A way of a later version, or a file that is about to leave this computer for the first time: an import brings both.
    if (delivery === undefined || (delivery === 'inline' && !isInlineTold(rooms))) {
      const frames = await chooseDelivery(rooms, [image], { ask: true });
      return frames === BACK ? undefined : frames;
    }
    return [{ image, delivery }];
  } catch (error) {
    if (!(error instanceof FrameError)) {
      throw error;
    }
    return replaceFrame(rooms, frame, error);
  }
}

async function inAnotherWay(rooms: Rooms, frame: FirstFrame): Promise<Answer<readonly ChosenFrame[]>> {
  return parseFrameLink(frame.source) === undefined
    ? chooseDelivery(rooms, [await imageOf(frame, false)], { ask: true })
    : pickFrame(rooms, [{ image: imageOfLink(frame.source), delivery: 'link' }]);
}

/** With a link the file is not needed; it is not even looked for. */
async function imageOf(
  { source, label, link, from, hash, thumbnail }: FirstFrame,
  byLink: boolean,
): Promise<FrameImage> {
  if (byLink && link !== undefined) {
    return { ...imageOfLink(link), source, label, from, thumbnail };
  }
  const image = await readImageFile(vscode.Uri.parse(source));
  if (hash === undefined) {
    // Not known whether it is the same: then the file is shown, and not an old picture of it.
    return { ...image, source, label, from };
  }
  // What is shown is what will be sent, not what was sent then.
  return image.file?.hash === hash
    ? { ...image, source, label, from, thumbnail }
    : { ...image, source, label, hasChanged: true };
}

/** Not silently without it: that would be another video for the same money. */
async function replaceFrame(
  rooms: Rooms,
  frame: FirstFrame,
  error: FrameError,
): Promise<readonly ChosenFrame[] | undefined> {
  const another = vscode.l10n.t('Choose another image');
  const without = vscode.l10n.t('Go on without it');
  const choice = await vscode.window.showWarningMessage(
    vscode.l10n.t('The first frame can no longer be used: {0}', inMessage(frame.label, 80)),
    {
      modal: true,
      detail: `${explainFrameError(error)} ${vscode.l10n.t('No video was requested, and nothing was charged.')}`,
    },
    another,
    without,
  );
  if (choice === without) {
    return [];
  }
  const frames = choice === another ? await pickFrame(rooms, []) : undefined;
  return frames === BACK ? undefined : frames;
}
