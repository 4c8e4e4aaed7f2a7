import type { AspectRatio } from '../api/aspectRatio';
import type { ModelInfo, Resolution } from '../api/models';
import type { ImageError } from '../images/imageError';
import type { Fix as RemarkFix, Remark, TextEdit } from '../prompting/remark';
import type { Span } from './mappedText';
import type { UnreadReason } from './markdown';

/** An `error` keeps a shot from being sent; those of the whole file keep all of them. Words are made in `messages/`. */
export type Severity = 'error' | 'warning' | 'information';

/** What would mend it: edits of the document, each in its own line. */
export interface ProblemFix {
  edits: readonly TextEdit[];
  action:
    | { kind: 'write'; text: string }
    | { kind: 'remove'; text: string }
    /** A setting to where it counts. */
    | { kind: 'move'; text: string }
    | { kind: 'add-name'; name: string }
    /** The fix of a remark, in the text that was remarked on. */
    | { kind: 'remark'; fix: RemarkFix; text: string };
}

interface ProblemOf<C extends string, P = object> {
  code: C;
  severity: Severity;
  span: Span;
  /** The index of the shot; absent for what concerns the whole file. */
  shot?: number | undefined;
  fixes: readonly ProblemFix[];
  params: P;
}

export type Problem =
  | ProblemOf<'too-long', { limit: number }>
  /** What is sent with all shots together, with cast and style. */
  | ProblemOf<'too-much', { limit: number }>
  /** A section that was not read, for its length or for its signs. */
  | ProblemOf<'unread', { of: 'shot' | 'cast' | 'notes'; reason: UnreadReason; limit: number }>
  /** A mark of git: nothing is sent before it is gone. */
  | ProblemOf<'conflict'>
  | ProblemOf<'front-matter'>
  | ProblemOf<'not-text', { name: string }>
  | ProblemOf<'empty-value', { name: string }>
  /** Of `folder`: takes are saved where the settings say. */
  | ProblemOf<'no-folder', { value: string }>
  | ProblemOf<'repeated-key', { name: string }>
  | ProblemOf<'misplaced', { name: string }>
  | ProblemOf<'unknown-model', { model: string; nearest: readonly ModelInfo[] }>
  | ProblemOf<'unknown-ratio', { value: string; choices: readonly AspectRatio[] }>
  | ProblemOf<'unknown-duration', { value: string; model: string; choices: readonly number[] }>
  | ProblemOf<'unknown-resolution', { value: string; model: string; choices: readonly Resolution[] }>
  /** Of a model whose id tells neither. */
  | ProblemOf<'no-family', { name: string; model: string }>
  | ProblemOf<'unknown-shot', { name: string; nearest: readonly string[] }>
  | ProblemOf<'ambiguous-shot', { name: string; count: number }>
  | ProblemOf<'circle', { shots: readonly string[] }>
  | ProblemOf<'two-beginnings'>
  | ProblemOf<'continues-skipped', { name: string }>
  /** `of` is the image, or the shot that is continued. */
  | ProblemOf<'other-shape', { of: string; ratio: AspectRatio }>
  | ProblemOf<'no-image', { value: string }>
  | ProblemOf<'missing-image', { target: string }>
  /** In the text itself, as a `data:` URL. */
  | ProblemOf<'embedded-image'>
  | ProblemOf<'outside-image', { target: string }>
  /** The document has no place yet that a path could begin at. */
  | ProblemOf<'unsaved-image', { target: string }>
  | ProblemOf<'unusable-image', { target: string; error: ImageError }>
  | ProblemOf<'no-take', { value: string }>
  | ProblemOf<'missing-take', { target: string }>
  | ProblemOf<'no-time', { name: string; value: string }>
  | ProblemOf<'times-order'>
  | ProblemOf<'beyond-end', { seconds: number }>
  | ProblemOf<'no-answer', { name: string; value: string }>
  | ProblemOf<'no-prompt'>
  | ProblemOf<'prompt-too-long', { length: number; limit: number }>
  | ProblemOf<'repeated-shot', { name: string; first: Span }>
  | ProblemOf<'repeated-name', { name: string; first: Span }>
  | ProblemOf<'prompt', { remark: Remark }>;

export type ProblemCode = Problem['code'];

/** What is known of a file that a storyboard names. */
export type ImageState =
  | { kind: 'missing' }
  /** Neither in the workspace nor in the folder of the storyboard: never looked at. */
  | { kind: 'outside' }
  /** A path in a document that was not saved yet leads nowhere. */
  | { kind: 'unsaved' }
  | { kind: 'unusable'; error: ImageError }
  | { kind: 'usable'; width: number; height: number; isPhotograph: boolean };
