import * as v from 'valibot';
import * as vscode from 'vscode';
import { isThumbnail } from '../tasks/record';
import { FrameOriginSchema } from '../tasks/recordSchema';
import { InvalidArguments } from './tellError';

/** A picture that a page of ours or another extension has made, and where it comes from. */
const MadePicture = v.object({
  /** Where it is: a `vscode.Uri`, its text, or a link. Or the image itself. */
  picture: v.union([
    v.custom<vscode.Uri>((value) => value instanceof vscode.Uri),
    v.pipe(v.string(), v.minLength(1), v.maxLength(8192)),
    v.custom<Uint8Array>((value) => value instanceof Uint8Array),
  ]),
  /** What people call it. */
  label: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  from: v.optional(FrameOriginSchema),
  thumbnail: v.optional(v.pipe(v.string(), v.check(isThumbnail, 'no small JPEG as a data: URL'))),
});
export type MadePicture = v.InferOutput<typeof MadePicture>;

const MadePictures = v.pipe(v.array(MadePicture), v.minLength(1));

/**
 * What was passed to `seedance.useAsFirstFrame` in place of a file: one picture or several.
 *
 * @throws {InvalidArguments} to the caller
 */
export function parsePictures(argument: unknown): MadePicture[] {
  const parsed = v.safeParse(MadePictures, Array.isArray(argument) ? argument : [argument]);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    throw new InvalidArguments(`seedance.useAsFirstFrame: ${v.getDotPath(issue) ?? 'argument'}: ${issue.message}`);
  }
  return parsed.output;
}
