import { isThumbnail, type TaskRecord } from '../../tasks/record';

/**
 * What stands beside a saved video: how it was made, so that it can be made again without this extension.
 * Neither the link, which is a ticket to the file, nor anything of the key.
 *
 * @param file the video's name
 */
export function metadataOf(record: TaskRecord, file: string, savedAt: number): Record<string, unknown> {
  const { request, gatewayId, quotedPrice, cost, createdAt, acceptedAt, finishedAt } = record;
  const frame = request.firstFrame;
  return {
    file,
    prompt: request.prompt,
    model: request.model,
    aspectRatio: request.aspectRatio,
    firstFrame: frame && {
      source: withoutTicket(frame.link ?? frame.source),
      delivery: frame.delivery,
      width: frame.width,
      height: frame.height,
      thumbnail: frame.thumbnail !== undefined && isThumbnail(frame.thumbnail) ? frame.thumbnail : undefined,
    },
    taskId: gatewayId,
    priceRoubles: quotedPrice,
    costRoubles: cost,
    createdAt: iso(createdAt),
    acceptedAt: iso(acceptedAt),
    finishedAt: iso(finishedAt),
    savedAt: iso(savedAt),
  };
}

/** A signed link opens the image to whoever reads the file; the link itself still says which image it was. */
function withoutTicket(source: string): string {
  return TICKET.test(source) ? source.replace(/[?#].*$/s, '') : source;
}

const TICKET =
  /^https?:.*[?&#](x-[a-z]+-\w+|sig|signature|token|access_?token|auth\w*|credential|key|policy|expires|se|hmac)=/is;

/** A clock that is far off gives a date that cannot be printed; the file is saved all the same. */
function iso(at: number | undefined): string | undefined {
  return at === undefined || Math.abs(at) > 8.64e15 ? undefined : new Date(at).toISOString();
}
