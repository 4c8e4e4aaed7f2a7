import type { TaskRecord } from '../tasks/model/taskRecord';
import { cleanPrompt } from '../tasks/model/prompt';
import type { KeyLanguage } from './keys';
import { nameOfShot, toShotTitle, type DraftShot, type StoryboardDraft } from './write';

/** Where the files of tasks are, as the storyboard will name them; `undefined` for what it cannot name. */
export interface TaskPlaces {
  video: (record: TaskRecord) => string | undefined;
  firstFrame: (record: TaskRecord) => string | undefined;
}

export interface TasksDraft {
  draft: StoryboardDraft;
  /** The index of the shot that each task is a take of, by its id. */
  shotOf: ReadonlyMap<string, number>;
  /** How many shots begin with an image that the storyboard cannot name. */
  framesLeftOut: number;
}

/**
 * Makes a film of tasks that have prompts: each prompt is a shot, in order of time, and the tasks that have it are its
 * takes. A task that was made from the last frame of another one continues its shot.
 */
export function createDraftFromTasks(
  records: readonly TaskRecord[],
  { language, title, places }: { language: KeyLanguage; title: string; places: TaskPlaces },
): TasksDraft {
  const groups: { key: string; takes: TaskRecord[]; continues: number | undefined }[] = [];
  const shotOf = new Map<string, number>();
  // Ids sort by time of creation, so what a task continues has its shot already, and no circle comes of it.
  for (const record of records.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const { from } = record.request.firstFrame ?? {};
    const continues = from?.isLast ? shotOf.get(from.task) : undefined;
    const key = `${continues ?? ''}\0${cleanPrompt(record.request.prompt).replace(/\s+/g, ' ')}`;
    const known = groups.findIndex((group) => group.key === key);
    if (known < 0) {
      groups.push({ key, takes: [record], continues });
    } else {
      groups[known]!.takes.push(record);
    }
    shotOf.set(record.id, known < 0 ? groups.length - 1 : known);
  }
  const newest = <T>(takes: readonly TaskRecord[], get: (record: TaskRecord) => T | undefined) =>
    takes.map(get).findLast((value) => value !== undefined);
  const models = groups.map(({ takes }) => newest(takes, ({ request }) => request.model || undefined));
  const ratios = groups.map(({ takes }) => newest(takes, ({ request }) => request.aspectRatio));
  const model = findShared(models);
  const ratio = findShared(ratios);
  let framesLeftOut = 0;
  const shots = groups.map(({ takes, continues }, index): DraftShot => {
    const framed = continues === undefined ? takes.findLast(({ request }) => request.firstFrame) : undefined;
    const firstFrame = framed && places.firstFrame(framed);
    framesLeftOut += framed && firstFrame === undefined ? 1 : 0;
    const chosen = takes.findLastIndex((take) => places.video(take) !== undefined);
    const path = chosen < 0 ? undefined : places.video(takes[chosen]!);
    const name = toShotTitle(newest(takes, ({ shot }) => shot?.title || undefined) ?? '');
    return {
      ...(name === '' ? {} : { title: name }),
      prompt: cleanPrompt(takes[0]!.request.prompt),
      settings: {
        ...(continues === undefined ? {} : { continue: nameOfShot(continues, language) }),
        ...(model === undefined && models[index] !== undefined ? { model: models[index] } : {}),
        ...(ratio === undefined && ratios[index] !== undefined ? { ratio: ratios[index] } : {}),
      },
      ...(firstFrame === undefined ? {} : { firstFrame }),
      ...(path === undefined ? {} : { take: { label: `${language === 'ru' ? 'дубль' : 'take'} ${chosen + 1}`, path } }),
    };
  });
  const settings = { ...(model === undefined ? {} : { model }), ...(ratio === undefined ? {} : { ratio }) };
  return { draft: { language, settings, title, shots }, shotOf, framesLeftOut };
}

/** What all of them have, as far as it is known of them. */
function findShared(values: readonly (string | undefined)[]): string | undefined {
  const [shared, ...others] = new Set(values.filter((value) => value !== undefined));
  return others.length === 0 ? shared : undefined;
}
