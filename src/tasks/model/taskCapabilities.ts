import { TASK_STATES, type TaskRecord } from './taskRecord';
import { LINK_LIFETIME_MS } from './transitions';

/** What can be done with a task. */
export const TASK_ACTIONS = [
  'task',
  /** There is a video to play. For Preview as a menu item: a click opens the panel in every state. */
  'previewable',
  /** There is a copy or a living link: Save to workspace, Save as… */
  'savable',
  /** The same: Continue from last frame. */
  'continuable',
  /** The prompt is known: Generate again. */
  'retryable',
  /** The service can be asked something new: Check now. */
  'checkable',
  'copyPrompt',
  'copyId',
  'copyLink',
  /** It was saved: Reveal in file explorer. */
  'revealable',
  /** The response was lost: Add its ID. */
  'bindable',
  'removable',
  /** It was generated for a shot of a storyboard: Open storyboard. */
  'ofShot',
  /** The same, and there is a video of it: Use this take. */
  'choosable',
] as const;

/**
 * Everything that can be said of a task in one word: what can be done with it, and what it is. The tree puts the
 * words into `contextValue`, and menus test for them (`viewItem =~ /\bsavable\b/`), never for states. The buttons of
 * the preview and the guards of commands read the same words.
 */
export const TASK_CAPABILITIES = [
  ...TASK_ACTIONS,
  ...TASK_STATES,
  /** The extension keeps a copy. */
  'local',
  'saved',
  'readonly',
] as const;
export type TaskCapability = (typeof TASK_CAPABILITIES)[number];

export interface CapabilityContext {
  now: number;
  /** Made by a newer version of the extension: shown, not changed. */
  readOnly: boolean;
}

/** Whether the link to the video is still valid: by the documented 48 hours, and as far as its server did not refuse it. */
export function isLinkAlive<T extends Pick<TaskRecord, 'result' | 'trouble'>>(
  record: T,
  now: number,
): record is T & { result: NonNullable<TaskRecord['result']> } {
  return record.result !== undefined && now < record.result.expiresAt && record.trouble?.kind !== 'link-expired';
}

/** Until when a living link may work: never longer than a link lives, also where a clock was set back meanwhile. */
export function getLinkEnd({ result }: { result: NonNullable<TaskRecord['result']> }, now: number): number {
  return Math.min(result.expiresAt, now + LINK_LIFETIME_MS);
}

/** Whether a link that should be valid was refused: the service is asked for another one. */
export function isLinkRefused({ state, result, trouble }: TaskRecord, now: number): boolean {
  return state === 'done' && result !== undefined && now < result.expiresAt && trouble?.kind === 'link-expired';
}

/** Whether something can be asked after a lost answer: about an id that came beside an error, or the balance. */
function isUnknownAskable({ state, error, balance }: TaskRecord): boolean {
  return state === 'unknown' && (error?.taskId !== undefined || balance !== undefined);
}

/** Returns what can be done with a task and what it is, in the order of `TASK_CAPABILITIES`. */
export function getTaskCapabilities(
  record: TaskRecord,
  { now, readOnly }: CapabilityContext,
): ReadonlySet<TaskCapability> {
  const { state, gatewayId, localCopy, request, saved } = record;
  const isAlive = isLinkAlive(record, now);
  const isPlayable = state === 'done' && (localCopy !== undefined || isAlive);
  const holds: Partial<Record<TaskCapability, boolean>> = {
    task: true,
    previewable: isPlayable,
    savable: isPlayable && !readOnly,
    continuable: isPlayable && !readOnly,
    retryable: request.prompt !== '',
    checkable: !readOnly && localCopy === undefined && (gatewayId !== undefined || isUnknownAskable(record)),
    copyPrompt: request.prompt !== '',
    copyId: gatewayId !== undefined,
    copyLink: isAlive,
    revealable: saved.length > 0,
    bindable: state === 'unknown' && !readOnly,
    removable: !readOnly,
    ofShot: record.shot !== undefined,
    choosable: record.shot !== undefined && !readOnly && (isPlayable || saved.length > 0),
    [state]: true,
    local: localCopy !== undefined,
    saved: saved.length > 0,
    readonly: readOnly,
  };
  return new Set(TASK_CAPABILITIES.filter((capability) => holds[capability]));
}
