import { stripForPublication } from '../common/ticket';
import { isThumbnail, type FirstFrame, type TaskRecord } from '../tasks/model/taskRecord';

/**
 * The metadata of a saved video: how it was made, so that it can be made again without this extension. It lies in a
 * folder that is often published: it contains neither the link to the video, which gives access to it, nor anything
 * about the API key, nor where on this computer anything is.
 *
 * @param file the name of the video file
 * @param toRelative the path of an image in the workspace folder of the video; `undefined` for any other place
 */
export function createMetadata(
  record: TaskRecord,
  file: string,
  savedAt: number,
  toRelative: (source: string) => string | undefined = () => undefined,
): Record<string, unknown> {
  const { request, gatewayId, quotedPrice, cost, createdAt, acceptedAt, finishedAt } = record;
  const frame = request.firstFrame;
  return {
    file,
    prompt: request.prompt,
    model: request.model,
    aspectRatio: request.aspectRatio,
    firstFrame: frame && {
      source: getPublicSource(frame, toRelative),
      delivery: frame.delivery,
      width: frame.width,
      height: frame.height,
      thumbnail: frame.thumbnail !== undefined && isThumbnail(frame.thumbnail) ? frame.thumbnail : undefined,
    },
    taskId: gatewayId,
    priceRoubles: quotedPrice,
    costRoubles: cost,
    createdAt: toIsoDate(createdAt),
    acceptedAt: toIsoDate(acceptedAt),
    finishedAt: toIsoDate(finishedAt),
    savedAt: toIsoDate(savedAt),
  };
}

/** A link without what makes it a ticket; of a file its path in the workspace, or its mere name. */
function getPublicSource(
  { source, link, label }: FirstFrame,
  toRelative: (source: string) => string | undefined,
): string {
  const web = [link, source].find((text) => text !== undefined && /^https?:/i.test(text));
  return web === undefined ? (toRelative(source) ?? getName(label)) : stripForPublication(web);
}

function getName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? '';
}

/** `undefined` for times out of the range of dates, which a wrong system clock gives. */
function toIsoDate(at: number | undefined): string | undefined {
  return at === undefined || !(Math.abs(at) <= 8.64e15) ? undefined : new Date(at).toISOString();
}
