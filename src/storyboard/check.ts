import { ASPECT_RATIOS, type AspectRatio } from '../api/aspectRatio';
import type { ModelInfo } from '../api/models';
import { getDurations, getSubstitute } from '../api/modelGroups';
import { differsVisibly } from '../images/cropGeometry';
import { parseImageTarget } from '../images/imageReference';
import { checkLength, checkPrompt } from '../prompting/checkPrompt';
import type { Fix as RemarkFix, PromptContext, Remark, TextEdit } from '../prompting/remark';
import { MAX_PROMPT_CHARS } from '../tasks/model/prompt';
import { addToCast, removeItem, setSetting } from './edits';
import type { FileSetting } from './frontMatter';
import { normalizeLabel, normalizeName, parseYesNo, type ShotKey } from './keys';
import type { MappedText, Span } from './mappedText';
import { MAX_SECTION_CHARS } from './markdown';
import { findNearest } from './nearest';
import { findSetting, getShotName, MAX_STORYBOARD_CHARS, type Setting, type Shot } from './parse';
import type { ImageState, Problem, ProblemFix, Severity } from './problem';
import {
  MAX_SENT_CHARS,
  parseRatio,
  parseResolution,
  parseSeconds,
  readModelId,
  type ResolvedShot,
  type ResolvedStoryboard,
  type StoryboardContext,
} from './resolve';

export interface CheckContext extends StoryboardContext {
  /** Whether the list of models is the service's own: what is not in it is not there. */
  areModelsLive: boolean;
  /** Whether remarks about prompts are wanted. */
  promptChecks: boolean;
  /** What is known of an image by its path or link as written; `undefined` while nothing is. */
  image: (target: string) => ImageState | undefined;
  /** Whether a video is there; `undefined` while that is not known. */
  hasVideo: (target: string) => boolean | undefined;
  /** Whether a text names a folder inside of the workspace. */
  isFolder: (path: string) => boolean;
}

/**
 * New prompts that one check reads, about a second's work: those of a long film. More of them wait for the next check.
 * In UTF-16.
 */
const MAX_NEW_CHARS = 200_000;

/** What prompts were remarked on, so that a key costs the check of one prompt and not of three hundred. */
export class RemarkMemory {
  #last = new Map<string, readonly Remark[]>();
  #now = new Map<string, readonly Remark[]>();
  readonly #numbers = new WeakMap<object, number>();
  #count = 0;
  /** In UTF-16, of prompts that were new to this check. */
  #chars = 0;
  #isBehind = false;

  /** The last check has left prompts to the next. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Ends a check: what it did not ask for is forgotten. */
  turn(): void {
    this.#last = this.#now;
    this.#now = new Map();
    this.#isBehind = this.#chars > MAX_NEW_CHARS;
    this.#chars = 0;
  }

  /** Only whether it is too long. */
  checkLength(text: string, context: PromptContext): readonly Remark[] {
    return this.#of(`${context.model}\0\0${text}`, text, () => checkLength(text, context));
  }

  check(text: string, context: PromptContext): readonly Remark[] {
    const { model, aspectRatio, firstFrame, models, cast } = context;
    const parts = [model, aspectRatio, firstFrame?.isPhotograph ?? firstFrame !== undefined, this.#numberOf(models)];
    const key = `${parts.join('\0')}\0${text.includes('@') ? (cast?.join('\n') ?? '') : ''}\0${text}`;
    return this.#of(key, text, () => checkPrompt(text, context));
  }

  #of(key: string, text: string, find: () => readonly Remark[]): readonly Remark[] {
    const known = this.#now.get(key) ?? this.#last.get(key);
    if (known === undefined) {
      this.#chars += text.length;
      if (this.#chars > MAX_NEW_CHARS && this.#chars > text.length) {
        return [];
      }
    }
    const remarks = known ?? find();
    this.#now.set(key, remarks);
    return remarks;
  }

  #numberOf(list: object | undefined): number {
    if (list === undefined) {
      return 0;
    }
    const known = this.#numbers.get(list) ?? ++this.#count;
    this.#numbers.set(list, known);
    return known;
  }
}

/** What is worth telling about a storyboard, in the order of its text. Pure. */
export function checkStoryboard(
  text: string,
  resolved: ResolvedStoryboard,
  context: CheckContext,
  memory = new RemarkMemory(),
): Problem[] {
  const problems = new Checker(text, resolved, context, memory).check();
  memory.turn();
  return problems.sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
}

/** Whether a problem keeps all shots of a file from being sent. */
export function concernsAll({ severity, shot }: Problem): boolean {
  return severity === 'error' && shot === undefined;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Found = DistributiveOmit<Problem, 'fixes' | 'severity'> & { fixes?: ProblemFix[]; severity?: Severity };

class Checker {
  readonly #problems: Problem[] = [];
  readonly #ids: ReadonlySet<string>;
  readonly #cast: readonly string[];
  readonly #circles: ReadonlyMap<number, readonly number[]>;
  /** How many shots have a label, whatever scene they are in. */
  readonly #labels = new Map<string, number>();

  constructor(
    private readonly text: string,
    private readonly resolved: ResolvedStoryboard,
    private readonly context: CheckContext,
    private readonly memory: RemarkMemory,
  ) {
    this.#ids = new Set(context.models.map(({ id }) => id));
    this.#cast = resolved.storyboard.cast.map(({ name }) => name);
    this.#circles = findCircles(resolved.shots);
    for (const { shot } of resolved.shots) {
      const label = normalizeLabel(shot.label);
      this.#labels.set(label, (this.#labels.get(label) ?? 0) + 1);
    }
  }

  check(): Problem[] {
    const { storyboard, shots } = this.resolved;
    if (storyboard.length > MAX_STORYBOARD_CHARS) {
      this.#add({
        code: 'too-long',
        span: { start: 0, end: 0 },
        params: { limit: MAX_STORYBOARD_CHARS },
        severity: 'error',
      });
    }
    if (this.resolved.isTooMuch) {
      this.#add({
        code: 'too-much',
        span: { start: 0, end: 0 },
        params: { limit: MAX_SENT_CHARS },
        severity: 'error',
      });
    }
    for (const { isCast, reason, start } of storyboard.unread) {
      this.#add({
        code: 'unread',
        span: this.#lineBefore(start),
        params: { of: isCast ? 'cast' : 'notes', reason, limit: MAX_SECTION_CHARS },
        // Shots would be sent without what is said of their cast.
        severity: isCast ? 'error' : 'warning',
      });
    }
    for (const span of storyboard.conflicts) {
      this.#add({ code: 'conflict', span, params: {}, severity: 'error' });
    }
    this.#checkFrontMatter();
    this.#checkCast();
    this.#checkNames();
    let isPhotoTold = false;
    for (const shot of shots) {
      this.#checkShot(shot);
      const remarks = this.context.promptChecks ? this.#getRemarks(shot) : [];
      for (const remark of remarks) {
        // It is about the images of the whole film: told once.
        if (remark.rule !== 'person-photo' || !isPhotoTold) {
          isPhotoTold ||= remark.rule === 'person-photo';
          this.#addRemark(remark, shot);
        }
      }
    }
    return this.#problems;
  }

  #add({ severity = 'warning', fixes = [], ...found }: Found): void {
    this.#problems.push({ ...found, severity, fixes });
  }

  /** The heading that a part follows, or where it begins. */
  #lineBefore(start: number): Span {
    const from = Math.max(this.text.lastIndexOf('\n', start - 1), this.text.lastIndexOf('\r', start - 1)) + 1;
    const end = from < start ? start : start + (/^[^\r\n]*/.exec(this.text.slice(start, start + 200))?.[0].length ?? 0);
    return { start: from, end };
  }

  #checkFrontMatter(): void {
    const { frontMatter } = this.resolved.storyboard;
    if (!frontMatter) {
      return;
    }
    for (const span of frontMatter.errors) {
      this.#add({ code: 'front-matter', span, params: {}, severity: 'error' });
    }
    for (const { name, nameSpan } of frontMatter.repeated) {
      this.#add({ code: 'repeated-key', span: nameSpan, params: { name } });
    }
    for (const setting of frontMatter.settings) {
      const { key, name, nameSpan, value, span } = setting;
      if (value === undefined) {
        this.#add({ code: 'not-text', span, params: { name }, severity: 'error' });
      } else if (value === '') {
        this.#add({ code: 'empty-value', span: nameSpan, params: { name }, severity: 'information' });
      } else if (key === 'model') {
        this.#checkModel(value, span, undefined, (model) => this.#inYaml(setting, model));
      } else if (key === 'ratio' && parseRatio(value) === undefined) {
        this.#addUnknownRatio(value, span, undefined, (ratio) => this.#inYaml(setting, ratio));
      } else if (key === 'folder' && !this.context.isFolder(value)) {
        this.#add({ code: 'no-folder', span, params: { value } });
      } else if (key === 'style' && this.context.promptChecks) {
        this.#checkStyle(value, span);
      }
    }
  }

  /** With the quotes that the author has written. */
  #inYaml({ span }: FileSetting, value: string): TextEdit {
    const written = this.text.slice(span.start, span.end);
    const quote = /^(["']).*\1$/s.exec(written)?.[1] ?? (/^\d+:\d+$/.test(value) ? '"' : '');
    return { ...span, text: `${quote}${value}${quote}` };
  }

  /** Rules that hold whatever it is added to. */
  #checkStyle(style: string, span: Span): void {
    const { model, ratio } = this.resolved;
    const at = this.text.slice(span.start, span.end).indexOf(style);
    for (const remark of this.memory.check(style, { model, aspectRatio: ratio })) {
      if (remark.rule === 'negation' || remark.rule === 'seconds' || remark.rule === 'flag') {
        const move = span.start + at;
        this.#add({
          code: 'prompt',
          span: at < 0 ? span : { start: remark.start + move, end: remark.end + move },
          params: { remark },
          severity: 'information',
          fixes:
            at < 0
              ? []
              : toFixes(remark.fixes, style, (edit) => [{ ...edit, start: edit.start + move, end: edit.end + move }]),
        });
      }
    }
  }

  #checkCast(): void {
    const { cast } = this.resolved.storyboard;
    const first = new Map<string, Span>();
    for (const { name, nameSpan, description } of cast) {
      const known = first.get(normalizeName(name));
      if (known) {
        this.#add({ code: 'repeated-name', span: nameSpan, params: { name, first: known } });
      } else {
        first.set(normalizeName(name), nameSpan);
      }
      if (this.context.promptChecks && description.text !== '' && !isTooLong(description.text)) {
        const { model, ratio } = this.resolved;
        for (const remark of this.memory.check(description.text, { model, aspectRatio: ratio })) {
          if (remark.rule === 'negation') {
            this.#addMapped(remark, description, undefined);
          }
        }
      }
    }
  }

  #checkNames(): void {
    const { shots } = this.resolved;
    const byLabel = new Map<string, ResolvedShot>();
    const labels = new Set(shots.map(({ identity }) => normalizeLabel(identity.label)));
    let told = 0;
    for (const resolved of shots) {
      const { identity, shot } = resolved;
      const label = normalizeLabel(identity.label);
      const first = byLabel.get(label);
      if (!first) {
        byLabel.set(label, resolved);
        continue;
      }
      const isSame = normalizeName(first.identity.title) === normalizeName(identity.title);
      const free = told++ < MAX_RENUMBERED ? findFreeLabel(shot.label, identity.label, labels) : undefined;
      if (free) {
        labels.add(free.key);
      }
      this.#add({
        code: 'repeated-shot',
        span: shot.labelSpan,
        shot: shot.index,
        params: { name: isSame ? getShotName(shot) : shot.label, first: first.shot.labelSpan },
        // Two shots that nothing tells apart would share their takes.
        severity: isSame ? 'error' : 'warning',
        fixes: free
          ? [{ action: { kind: 'write', text: free.label }, edits: [{ ...shot.labelSpan, text: free.label }] }]
          : [],
      });
    }
  }

  #checkShot(resolved: ResolvedShot): void {
    const { shot } = resolved;
    for (const { name, nameSpan, item } of shot.repeated) {
      this.#add({
        code: 'repeated-key',
        span: nameSpan,
        shot: shot.index,
        params: { name },
        fixes: [this.#removal(item)],
      });
    }
    for (const setting of shot.misplaced) {
      this.#add({
        code: 'misplaced',
        span: setting.nameSpan,
        shot: shot.index,
        params: { name: setting.name },
        severity: 'information',
        fixes: [this.#moveUp(shot, setting)],
      });
    }
    for (const setting of shot.settings) {
      const isEmpty = setting.value === '' && setting.reference === undefined;
      if (isEmpty && setting.key !== 'skip') {
        const { name, nameSpan, item } = setting;
        this.#add({
          code: 'empty-value',
          span: nameSpan,
          shot: shot.index,
          params: { name },
          severity: 'information',
          fixes: [this.#removal(item)],
        });
      } else {
        this.#checkSetting(resolved, setting);
      }
    }
    this.#checkPromptText(resolved);
  }

  #checkSetting(resolved: ResolvedShot, setting: Setting): void {
    const { key, value, span, name } = setting;
    const { shot } = resolved;
    const { index } = shot;
    switch (key) {
      case 'model':
        this.#checkModel(value, span, index, (model) => ({ ...span, text: model }));
        return;
      case 'ratio':
        if (parseRatio(value) === undefined) {
          this.#addUnknownRatio(value, span, index, (ratio) => ({ ...span, text: ratio }));
        }
        return;
      case 'duration':
      case 'resolution':
        this.#checkFamily(resolved, setting);
        return;
      case 'firstFrame':
        this.#checkFirstFrame(resolved, setting);
        return;
      case 'continue':
        this.#checkContinue(resolved, setting);
        return;
      case 'take':
        this.#checkTake(resolved, setting);
        return;
      case 'in':
      case 'out':
        this.#checkTime(resolved, setting);
        return;
      case 'skip':
        if (parseYesNo(value) === undefined) {
          const answers = this.resolved.storyboard.language === 'ru' ? ['да', 'нет'] : ['yes', 'no'];
          this.#add({
            code: 'no-answer',
            span,
            shot: index,
            params: { name, value },
            severity: 'error',
            fixes: answers.map((answer) => writing(span, answer)),
          });
        }
    }
  }

  #removal(item: Span): ProblemFix {
    return {
      action: { kind: 'remove', text: this.text.slice(item.start, item.end) },
      edits: [removeItem(this.text, item)],
    };
  }

  /** A bullet that sets nothing where it is; one that is set already is only taken away. */
  #moveUp(shot: Shot, { key, span, item }: Setting): ProblemFix {
    const value = this.text.slice(span.start, span.end);
    if (findSetting(shot, key) || value === '') {
      return this.#removal(item);
    }
    return {
      action: { kind: 'move', text: this.text.slice(item.start, item.end) },
      edits: [setSetting(this.text, this.resolved.storyboard, shot, key, value), removeItem(this.text, item)],
    };
  }

  #checkModel(model: string, span: Span, shot: number | undefined, edit: (model: string) => TextEdit): void {
    const { models, areModelsLive } = this.context;
    if (this.#ids.has(model)) {
      return;
    }
    const substitute = getSubstitute(models, model);
    const near = findNearest(
      model,
      models.map(({ id }) => id),
    );
    const nearest = [...new Set([...near, ...(substitute ? [substitute.id] : [])])]
      .slice(0, MAX_CHOICES)
      .map((id) => models.find((one) => one.id === id))
      .filter((one): one is ModelInfo => one !== undefined);
    this.#add({
      code: 'unknown-model',
      span,
      shot,
      params: { model, nearest },
      severity: areModelsLive ? 'error' : 'warning',
      fixes: nearest.map(({ id }) => ({ action: { kind: 'write', text: id }, edits: [edit(id)] })),
    });
  }

  #addUnknownRatio(value: string, span: Span, shot: number | undefined, edit: (ratio: string) => TextEdit): void {
    this.#add({
      code: 'unknown-ratio',
      span,
      shot,
      params: { value, choices: ASPECT_RATIOS },
      severity: 'error',
      fixes: ASPECT_RATIOS.map((ratio) => ({ action: { kind: 'write', text: ratio }, edits: [edit(ratio)] })),
    });
  }

  /** Durations and resolutions are chosen among those that the model's family has. */
  #checkFamily({ shot, model: chosen }: ResolvedShot, { key, value, span, name }: Setting): void {
    const model = findSetting(shot, 'model')?.value || this.resolved.model;
    const family = readModelId(model);
    if (!family) {
      this.#add({ code: 'no-family', span, shot: shot.index, params: { name, model }, severity: 'error' });
      return;
    }
    const { models } = this.context;
    const isKnown = models.some((one) => one.name?.family === family.family);
    const actual = readModelId(chosen);
    const isDuration = key === 'duration';
    const wanted = isDuration ? parseSeconds(value) : parseResolution(value);
    if (wanted !== undefined && (isDuration ? actual?.seconds : actual?.resolution) === wanted) {
      return;
    }
    if (wanted !== undefined && !isKnown && !this.context.areModelsLive) {
      // Nothing is known of it: the model itself is told.
      return;
    }
    if (isDuration) {
      const resolution = parseResolution(findSetting(shot, 'resolution')?.value) ?? family.resolution;
      const choices = getDurations(models, family.family, resolution).flatMap(({ seconds }) => seconds ?? []);
      this.#add({
        code: 'unknown-duration',
        span,
        shot: shot.index,
        params: { value, model: family.family, choices },
        severity: 'error',
        fixes: choices
          .toSorted((a, b) => Math.abs(a - Number(wanted ?? 0)) - Math.abs(b - Number(wanted ?? 0)))
          .slice(0, MAX_CHOICES)
          .map((seconds) => ({
            action: { kind: 'write', text: String(seconds) },
            edits: [{ ...span, text: String(seconds) }],
          })),
      });
    } else {
      const choices = [
        ...new Set(models.flatMap((one) => (one.name?.family === family.family ? (one.name.resolution ?? []) : []))),
      ];
      this.#add({
        code: 'unknown-resolution',
        span,
        shot: shot.index,
        params: { value, model: family.family, choices },
        severity: 'error',
        fixes: choices
          .filter((one) => one !== wanted)
          .map((one) => ({ action: { kind: 'write', text: one }, edits: [{ ...span, text: one }] })),
      });
    }
  }

  #checkFirstFrame({ shot, firstFrame = '', ratio }: ResolvedShot, { span, item, reference }: Setting): void {
    const place = reference ?? span;
    const at = { span: { start: place.start, end: place.end }, shot: shot.index };
    const target = parseImageTarget(firstFrame);
    if (findSetting(shot, 'continue')) {
      this.#add({
        code: 'two-beginnings',
        ...at,
        params: {},
        severity: 'error',
        fixes: [this.#removal(item), this.#removal(findSetting(shot, 'continue')!.item)],
      });
    }
    if (target?.kind === 'data') {
      this.#add({ code: 'embedded-image', ...at, params: {}, severity: 'error' });
      return;
    }
    // What the run opens: files beside the storyboard, and links.
    const isOpened = target?.kind === 'path' || (target?.kind === 'link' && /^https?:/i.test(firstFrame.trim()));
    if (!isOpened && target?.kind !== 'file') {
      const fixes = [this.#removal(item)];
      this.#add({ code: 'no-image', ...at, params: { value: firstFrame }, severity: 'error', fixes });
      return;
    }
    const state = this.context.image(firstFrame);
    if (target?.kind === 'file' || state?.kind === 'outside') {
      this.#add({ code: 'outside-image', ...at, params: { target: firstFrame }, severity: 'error' });
    } else if (state?.kind === 'unsaved') {
      this.#add({ code: 'unsaved-image', ...at, params: { target: firstFrame }, severity: 'error' });
    } else if (state?.kind === 'missing') {
      const fixes = [this.#removal(item)];
      this.#add({ code: 'missing-image', ...at, params: { target: firstFrame }, severity: 'error', fixes });
    } else if (state?.kind === 'unusable') {
      this.#add({
        code: 'unusable-image',
        ...at,
        params: { target: firstFrame, error: state.error },
        severity: 'error',
      });
    } else if (state && differsVisibly(state, ratio)) {
      const fitting = ASPECT_RATIOS.filter((one) => !differsVisibly(state, one));
      const fixes = fitting.map((one) => this.#setRatio(shot, one));
      this.#add({ code: 'other-shape', ...at, params: { of: firstFrame, ratio }, fixes });
    }
  }

  #setRatio(shot: Shot, ratio: AspectRatio): ProblemFix {
    return {
      action: { kind: 'write', text: ratio },
      edits: [setSetting(this.text, this.resolved.storyboard, shot, 'ratio', ratio)],
    };
  }

  #checkContinue({ shot, continuation, continues, ratio }: ResolvedShot, { span, item }: Setting): void {
    const at = { span, shot: shot.index };
    const { shots } = this.resolved;
    const { name = '', found } = continuation ?? {};
    if (!found) {
      const names = shots.filter((one) => one.shot !== shot).map((one) => one.shot.label);
      const nearest = findNearest(name, [...new Set(names)]);
      this.#add({
        code: 'unknown-shot',
        ...at,
        params: { name, nearest },
        severity: 'error',
        fixes: nearest.map((label) => ({ action: { kind: 'write', text: label }, edits: [{ ...span, text: label }] })),
      });
      return;
    }
    if ('several' in found) {
      const exact = found.several.filter((one) => one !== shot).slice(0, MAX_CHOICES);
      this.#add({
        code: 'ambiguous-shot',
        ...at,
        params: { name, count: found.several.length },
        severity: 'error',
        fixes: exact
          .map((one) => (one.group === undefined ? getShotName(one) : `${one.group} / ${one.label}`))
          .filter((full) => normalizeLabel(full) !== normalizeLabel(name))
          .map((full) => ({ action: { kind: 'write', text: full }, edits: [{ ...span, text: full }] })),
      });
      return;
    }
    const circle = this.#circles.get(shot.index);
    if (circle) {
      const names = circle.map((index) => shots[index]!.shot.label);
      const fixes = [this.#removal(item)];
      this.#add({ code: 'circle', ...at, params: { shots: names }, severity: 'error', fixes });
      return;
    }
    const source = continues === undefined ? undefined : shots[continues];
    if (source?.isSkipped && !source.take) {
      // What the skipped shot continues itself, if that is not skipped as well.
      const other = this.#findBefore(source);
      const fixes = [...(other ? [writing(span, other.shot.label)] : []), this.#removal(item)];
      this.#add({ code: 'continues-skipped', ...at, params: { name: source.shot.label }, fixes });
    } else if (source && source.ratio !== ratio) {
      const fixes = [this.#setRatio(shot, source.ratio)];
      this.#add({ code: 'other-shape', ...at, params: { of: source.shot.label, ratio }, fixes });
    }
  }

  #findBefore(skipped: ResolvedShot): ResolvedShot | undefined {
    const { shots } = this.resolved;
    let shot: ResolvedShot | undefined = skipped;
    // Circles are told of by themselves, and end here.
    for (let steps = 0; shot?.isSkipped && !shot.take && steps < shots.length; steps++) {
      shot = shot.continues === undefined ? undefined : shots[shot.continues];
    }
    const isAlone = shot && this.#labels.get(normalizeLabel(shot.shot.label)) === 1;
    return isAlone && (!shot?.isSkipped || shot.take) ? shot : undefined;
  }

  #checkTake({ shot, take }: ResolvedShot, { span, reference, value, item }: Setting): void {
    const place = reference ?? span;
    const fixes = [this.#removal(item)];
    const at = { span: { start: place.start, end: place.end }, shot: shot.index, fixes };
    // A path or a link; a sentence is none.
    if (!take || (reference === undefined && !/\.\w{2,4}$/.test(value))) {
      this.#add({ code: 'no-take', ...at, params: { value } });
    } else if (this.context.hasVideo(take.target) === false) {
      this.#add({ code: 'missing-take', ...at, params: { target: take.target } });
    }
  }

  #checkTime({ shot, seconds, in: start, out: end }: ResolvedShot, { key, name, value, span }: Setting): void {
    const at = { span, shot: shot.index };
    const own = key === 'in' ? start : end;
    if (own === undefined) {
      this.#add({ code: 'no-time', ...at, params: { name, value } });
    } else if (seconds !== undefined && own > seconds) {
      this.#add({ code: 'beyond-end', ...at, params: { seconds }, fixes: [writing(span, String(seconds))] });
    } else if (key === 'out' && start !== undefined && start >= own) {
      this.#add({ code: 'times-order', ...at, params: {} });
    }
  }

  #checkPromptText({ shot, prompt, isTooLong }: ResolvedShot): void {
    if (shot.unread) {
      this.#add({
        code: 'unread',
        span: { start: shot.heading.start, end: shot.heading.end },
        shot: shot.index,
        params: { of: 'shot', reason: shot.unread.reason, limit: MAX_SECTION_CHARS },
        severity: 'error',
      });
    } else if (isTooLong) {
      this.#addTooLong(shot, isTooLong.length);
    } else if (prompt === '') {
      this.#add({ code: 'no-prompt', span: shot.labelSpan, shot: shot.index, params: {}, severity: 'information' });
    } else if (prompt.length > MAX_PROMPT_CHARS) {
      const length = [...prompt].length;
      if (length > MAX_PROMPT_CHARS) {
        this.#addTooLong(shot, length);
      }
    }
  }

  #addTooLong(shot: Shot, length: number): void {
    this.#add({
      code: 'prompt-too-long',
      span: shot.prompt.span ?? shot.labelSpan,
      shot: shot.index,
      params: { length, limit: MAX_PROMPT_CHARS },
      severity: 'error',
    });
  }

  #getRemarks(resolved: ResolvedShot): readonly Remark[] {
    const { shot, model, ratio, firstFrame, continuation, prompt } = resolved;
    // What cannot be sent is told of by itself, and is not worth more words.
    if (shot.prompt.text === '' || shot.unread || resolved.isTooLong || isTooLong(prompt)) {
      return [];
    }
    const image = firstFrame === undefined ? undefined : this.context.image(firstFrame);
    const hasFrame = firstFrame !== undefined || continuation !== undefined;
    const context: PromptContext = {
      model,
      aspectRatio: ratio,
      models: this.context.models,
      cast: this.#cast,
      ...(hasFrame ? { firstFrame: { isPhotograph: image?.kind === 'usable' && image.isPhotograph } } : {}),
    };
    const remarks = this.memory.check(shot.prompt.text, context);
    // Names and style add to the length.
    const isLong = prompt.length > shot.prompt.text.length && prompt.length > LONG_CHARS;
    const length = isLong ? this.memory.checkLength(prompt, { model, aspectRatio: ratio }) : [];
    return length.length === 0 ? remarks : [...remarks.filter(({ rule }) => rule !== 'length'), ...length];
  }

  #addRemark(remark: Remark, { shot }: ResolvedShot): void {
    if (remark.rule === 'length' || remark.rule === 'person-photo') {
      const frame = findSetting(shot, 'firstFrame')?.span;
      const span = remark.rule === 'person-photo' ? frame : shot.prompt.span;
      this.#add({
        code: 'prompt',
        span: span ?? shot.labelSpan,
        shot: shot.index,
        params: { remark },
        severity: 'information',
      });
      return;
    }
    this.#addMapped(remark, shot.prompt, shot);
  }

  #addMapped(remark: Remark, written: MappedText, shot: Shot | undefined): void {
    const span = written.spanOf(remark.start, remark.end);
    if (!span) {
      return;
    }
    const inText = (edit: TextEdit) => written.toSourceEdits(edit);
    const fixes = toFixes(remark.fixes, written.text, inText, shot && ((fix) => this.#choose(shot, fix, inText)));
    if (remark.rule === 'unknown-name') {
      const name = remark.excerpt.replace(/^@/, '');
      fixes.push({
        action: { kind: 'add-name', name },
        edits: [addToCast(this.text, this.resolved.storyboard, name)],
      });
    }
    this.#add({
      code: 'prompt',
      span,
      shot: shot?.index,
      params: { remark },
      severity: IMPORTANT.has(remark.rule) ? 'warning' : 'information',
      fixes,
    });
  }

  /** Another model or aspect ratio is written into the shot, and only what differs from what holds already. */
  #choose(
    shot: Shot,
    fix: Extract<RemarkFix, { kind: 'choose' }>,
    inText: (edit: TextEdit) => TextEdit[],
  ): TextEdit[] | undefined {
    const { storyboard, shots } = this.resolved;
    const now = shots[shot.index]!;
    const settings: [ShotKey, string][] = [];
    if (fix.model !== now.model) {
      settings.push(['model', fix.model]);
    }
    if (fix.aspectRatio !== now.ratio) {
      settings.push(['ratio', fix.aspectRatio]);
    }
    const isInFamily = findSetting(shot, 'duration') ?? findSetting(shot, 'resolution');
    if (settings.length !== 1 || (settings[0]![0] === 'model' && isInFamily)) {
      // Two new lines at one place, or a duration that would win over the model.
      return undefined;
    }
    return [
      ...settings.map(([key, value]) => setSetting(this.text, storyboard, shot, key, value)),
      ...fix.edits.flatMap(inText),
    ];
  }
}

function isTooLong(prompt: string): boolean {
  return prompt.length > MAX_PROMPT_CHARS && [...prompt].length > MAX_PROMPT_CHARS;
}

function writing(span: Span, text: string): ProblemFix {
  return { action: { kind: 'write', text }, edits: [{ ...span, text }] };
}

const MAX_CHOICES = 5;
/** Shorter texts cannot be past a limit of words or characters. */
const LONG_CHARS = 500;
/** What costs money, or means something else than what is written. */
const IMPORTANT: ReadonlySet<string> = new Set(['flag', 'silent-model', 'unknown-name']);

function toFixes(
  fixes: readonly RemarkFix[],
  text: string,
  toEdits: (edit: TextEdit) => TextEdit[],
  choose?: (fix: Extract<RemarkFix, { kind: 'choose' }>) => TextEdit[] | undefined,
): ProblemFix[] {
  return fixes.flatMap((fix): ProblemFix[] => {
    const edits = fix.kind === 'edit' ? fix.edits.flatMap(toEdits) : fix.kind === 'choose' ? choose?.(fix) : undefined;
    return edits === undefined || edits.length === 0 ? [] : [{ action: { kind: 'remark', fix, text }, edits }];
  });
}

/** The first label with another number that no shot has. */
function findFreeLabel(
  label: string,
  whole: string,
  labels: ReadonlySet<string>,
): { label: string; key: string } | undefined {
  const match = /\d+(?=\D*$)/.exec(label);
  if (!match) {
    return undefined;
  }
  for (let number = Number(match[0]) + 1; number < Number(match[0]) + MAX_TRIES; number++) {
    const text =
      label.slice(0, match.index) +
      String(number).padStart(match[0].length, '0') +
      label.slice(match.index + match[0].length);
    const key = normalizeLabel(whole.slice(0, whole.length - label.length) + text);
    if (!labels.has(key)) {
      return { label: text, key };
    }
  }
  return undefined;
}

const MAX_TRIES = 10_000;
/** Of a file whose shots all have one number, nobody renumbers more by quick fixes. */
const MAX_RENUMBERED = 50;

/** The circles of `continue`: for each shot in one, the indices of all of them, in the order in which they would come. */
export function findCircles(shots: readonly Pick<ResolvedShot, 'continues'>[]): Map<number, readonly number[]> {
  const circles = new Map<number, readonly number[]>();
  const done = new Set<number>();
  for (let start = 0; start < shots.length; start++) {
    const places = new Map<number, number>();
    const path: number[] = [];
    let at: number | undefined = start;
    while (at !== undefined && !done.has(at) && !places.has(at)) {
      places.set(at, path.length);
      path.push(at);
      at = shots[at]?.continues;
    }
    const from = at === undefined ? undefined : places.get(at);
    if (from !== undefined) {
      const circle = path.slice(from).reverse();
      circle.forEach((index) => circles.set(index, circle));
    }
    path.forEach((index) => done.add(index));
  }
  return circles;
}

/** The images and videos that a storyboard names, each once. */
export function listFiles({ shots }: ResolvedStoryboard): { images: string[]; videos: string[] } {
  return {
    images: [...new Set(shots.flatMap(({ firstFrame }) => firstFrame ?? []))],
    videos: [...new Set(shots.flatMap(({ take }) => take?.target ?? []))],
  };
}
