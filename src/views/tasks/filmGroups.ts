import { toSingleLine } from '../../common/text';
import { normalizeLabel, normalizeName } from '../../storyboard/keys';
import type { TaskRecord, TaskShot } from '../../tasks/model/taskRecord';

/** The tasks of storyboards, by shots, as the records say: no file is read for it. */

/** The row of a storyboard. Menus pass it to commands, which take it for the storyboard. */
export interface FilmRow {
  readonly uri: string;
}

/** The row of a shot: all takes that were generated for a shot of this label and title. Commands take it for the shot. */
export interface ShotRow extends FilmRow {
  /** As the newest take has them. Hostile until shown as text. */
  readonly label: string;
  readonly title: string;
}

export interface FilmShot {
  readonly row: ShotRow;
  /** The oldest first: `take 2` is the second. */
  readonly takes: readonly string[];
}

/** Which take of which shot a task is. */
export interface ShotTake {
  readonly shot: FilmShot;
  /** Counts from 1 by age, as the `take` lines of the file do. */
  readonly number: number;
}

type FilmRecord = Pick<TaskRecord, 'id' | 'shot'>;

export class Film {
  readonly row: FilmRow;
  readonly #records: FilmRecord[] = [];
  #shots: Map<string, FilmShot> | undefined;
  #sorted: readonly FilmShot[] | undefined;
  #takes: Map<string, ShotTake> | undefined;

  constructor(document: string) {
    this.row = { uri: document };
  }

  /** In the order of the list: the newest first. */
  add(record: FilmRecord): void {
    this.#records.push(record);
  }

  /** The newest first. */
  get ids(): readonly string[] {
    return this.#records.map(({ id }) => id);
  }

  get count(): number {
    return this.#records.length;
  }

  get newest(): string {
    return this.#records[0]!.id;
  }

  /** In no order. */
  get shots(): Iterable<FilmShot> {
    return this.#group().values();
  }

  /** By their numbers, as in a file. */
  get sortedShots(): readonly FilmShot[] {
    return (this.#sorted ??= [...this.shots].sort(
      (a, b) => collator.compare(a.row.label, b.row.label) || collator.compare(a.row.title, b.row.title),
    ));
  }

  getShot(shot: Pick<ShotRow, 'label' | 'title'>): FilmShot | undefined {
    return this.#group().get(getShotKey(shot));
  }

  takeOf(id: string): ShotTake | undefined {
    this.#takes ??= new Map(
      [...this.shots].flatMap((shot) => shot.takes.map((take, index) => [take, { shot, number: index + 1 }] as const)),
    );
    return this.#takes.get(id);
  }

  /** Not before it is asked for: a list of 10,000 tasks is arranged anew for each that is added. */
  #group(): Map<string, FilmShot> {
    if (!this.#shots) {
      const shots = new Map<string, FilmShot & { takes: string[] }>();
      for (const { id, shot } of this.#records) {
        const key = getShotKey(shot!);
        const known = shots.get(key);
        if (known) {
          known.takes.push(id);
        } else {
          const { label, title } = shot!;
          shots.set(key, { row: { ...this.row, label, title }, takes: [id] });
        }
      }
      shots.forEach(({ takes }) => takes.reverse());
      this.#shots = shots;
    }
    return this.#shots;
  }
}

/** @param records the newest first */
export function getFilms(records: readonly FilmRecord[]): ReadonlyMap<string, Film> {
  const films = new Map<string, Film>();
  for (const record of records) {
    if (record.shot) {
      const { document } = record.shot;
      let film = films.get(document);
      if (!film) {
        film = new Film(document);
        films.set(document, film);
      }
      film.add(record);
    }
  }
  return films;
}

/** Records are replaced when they change, and what they say of their shot is mostly not. */
const keys = new WeakMap<object, string>();

/** What tells a shot from the others of its storyboard. */
export function getShotKey(shot: Pick<TaskShot, 'label' | 'title'>): string {
  let key = keys.get(shot);
  if (key === undefined) {
    key = `${normalizeLabel(shot.label)}\0${normalizeName(shot.title)}`;
    keys.set(shot, key);
  }
  return key;
}

const collator = new Intl.Collator(undefined, { numeric: true });

const NAME_MAX_CHARS = 120;

/** `the-letter` of `…/films/the-letter.storyboard.md`: the name of the file as text, and that of its folder. */
export function getFilmName(document: string): { name: string; folder: string } {
  const parts = document
    .replace(/^[a-z][a-z0-9+.-]*:/i, '')
    .replace(/[?#].*$/s, '')
    .split('/')
    .map(decode);
  const file = toSingleLine(parts.at(-1) ?? '', NAME_MAX_CHARS);
  return {
    name: file.replace(/\.storyboard\.md$/i, '') || file || toSingleLine(document, NAME_MAX_CHARS),
    folder: toSingleLine(parts.at(-2) ?? '', NAME_MAX_CHARS),
  };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** `Shot 2: Rain`, as text. */
export function formatShotName({ label, title }: Pick<TaskShot, 'label' | 'title'>, maxChars = NAME_MAX_CHARS): string {
  return toSingleLine(title.trim() === '' ? label : `${label}: ${title}`, maxChars) || '…';
}
