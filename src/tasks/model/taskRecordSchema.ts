import * as v from 'valibot';
import { ASPECT_RATIOS } from '../../api/aspectRatio';
import { isThumbnail, SHOT_TEXT_MAX_CHARS, TASK_STATES, VIDEO_TYPES, type TaskErrorKind } from './taskRecord';

/** The schema of a record that is read from a file. Not in `taskRecord.ts`, as only readers of files need to load it. */

/** More than any version writes. */
const LAST_ANSWER_MAX_CHARS = 4_000;

const time = v.pipe(v.number(), v.finite());
const amount = v.pipe(v.number(), v.finite());
const TaskId = v.pipe(v.string(), v.regex(/^[a-z0-9]{1,64}$/));

export const FrameOriginSchema = v.looseObject({
  task: TaskId,
  seconds: v.pipe(v.number(), v.finite(), v.minValue(0)),
  isLast: v.boolean(),
});

export const TaskShotSchema = v.looseObject({
  document: v.pipe(v.string(), v.maxLength(8_192), v.regex(/^[a-z][a-z0-9+.-]+:/i)),
  label: v.pipe(v.string(), v.minLength(1), v.maxLength(SHOT_TEXT_MAX_CHARS)),
  title: v.pipe(v.string(), v.maxLength(SHOT_TEXT_MAX_CHARS)),
});

const TaskErrorSchema = v.looseObject({
  // A later version may know more kinds; the texts have a fallback for them.
  kind: v.pipe(
    v.string(),
    v.transform((kind) => kind as TaskErrorKind),
  ),
  at: time,
  code: v.optional(v.number()),
  status: v.optional(v.number()),
  message: v.optional(v.string()),
  taskId: v.optional(v.string()),
  answer: v.optional(v.string()),
  issues: v.optional(
    v.array(v.object({ path: v.string(), expected: v.optional(v.string()), message: v.optional(v.string()) })),
  ),
});

/** Loose, so that fields which a later version added to this format are not lost with the next write. */
export const TaskRecordSchema = v.looseObject({
  format: v.pipe(v.number(), v.integer(), v.minValue(1)),
  id: TaskId,
  state: v.picklist(TASK_STATES),
  origin: v.picklist(['generated', 'added']),
  request: v.looseObject({
    model: v.string(),
    prompt: v.string(),
    aspectRatio: v.optional(v.picklist(ASPECT_RATIOS)),
    firstFrame: v.optional(
      v.looseObject({
        source: v.string(),
        delivery: v.string(),
        label: v.string(),
        link: v.optional(v.string()),
        isLinkSecret: v.fallback(v.optional(v.boolean()), undefined),
        width: v.optional(v.number()),
        height: v.optional(v.number()),
        from: v.optional(FrameOriginSchema),
        hash: v.optional(v.string()),
        // An invalid one is dropped, as it is not worth moving a record to the quarantine.
        thumbnail: v.fallback(v.optional(v.pipe(v.string(), v.check(isThumbnail))), undefined),
      }),
    ),
  }),
  // Without it the task is one of the list; that is not worth setting a record aside for.
  shot: v.fallback(v.optional(TaskShotSchema), undefined),
  account: v.optional(v.string()),
  gatewayId: v.optional(v.string()),
  quotedPrice: v.optional(amount),
  cost: v.optional(amount),
  // A hint is not worth setting a record aside for.
  balance: v.fallback(
    v.optional(
      v.looseObject({
        before: amount,
        beforeAt: time,
        after: v.optional(amount),
        afterAt: v.optional(time),
        isMixed: v.optional(v.boolean()),
      }),
    ),
    undefined,
  ),
  sender: v.optional(v.string()),
  awaitsConsent: v.optional(v.boolean()),
  createdAt: time,
  submittedAt: v.optional(time),
  acceptedAt: v.optional(time),
  startedAt: v.optional(time),
  finishedAt: v.optional(time),
  word: v.optional(v.string()),
  result: v.optional(v.looseObject({ url: v.string(), expiresAt: time })),
  // Not worth setting a record aside for. It is text from outside: where it is shown, it is shown as text.
  lastAnswer: v.fallback(
    v.optional(v.looseObject({ at: time, text: v.pipe(v.string(), v.maxLength(LAST_ANSWER_MAX_CHARS)) })),
    undefined,
  ),
  localCopy: v.optional(
    // The name is joined to the path of a directory: it must not lead out of it.
    v.looseObject({
      file: v.pipe(v.string(), v.regex(/^[a-z0-9]+\.mp4$/)),
      bytes: v.number(),
      at: time,
      // One that only a later version knows is not found, and found again by its kind once that version runs.
      type: v.fallback(v.optional(v.picklist(VIDEO_TYPES)), undefined),
    }),
  ),
  copyDropped: v.optional(v.boolean()),
  saved: v.array(
    v.looseObject({
      uri: v.string(),
      at: time,
      // Not worth setting a record aside for.
      bytes: v.fallback(v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))), undefined),
      hash: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))), undefined),
      stamp: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(200))), undefined),
    }),
  ),
  error: v.optional(TaskErrorSchema),
  trouble: v.optional(TaskErrorSchema),
});
