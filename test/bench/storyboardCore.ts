/** What a key in a long storyboard costs without VS Code. */
import { BUILT_IN_MODELS } from '../../src/api/models';
import { checkStoryboard, RemarkMemory } from '../../src/storyboard/check';
import { getLenses, type Lens } from '../../src/storyboard/lenses';
import { StoryboardReader } from '../../src/storyboard/parse';
import { planRun } from '../../src/storyboard/plan';
import { PromptMemory, resolveStoryboard } from '../../src/storyboard/resolve';
import { ShotTaskIndex } from '../../src/storyboard/shotTaskIndex';
import { getShotTasks } from '../../src/storyboard/shotTasks';
import { CONTEXT, longFilm } from '../support/storyboards';
import { pastRecord } from './longHistory';
import { SHOTS } from './storyboardJob';

const TASKS = 10_000;
const TAKES_OF_SHOT = 3;
const KEYS = 40;
/** The first keys meet code that has never run. */
const FIRST_KEYS = 5;
const DOCUMENT = 'file:///films/film.storyboard.md';

/** Milliseconds of processor for each key, from the text to its lenses. */
export function costOfKeys(): number[] {
  const records = Array.from({ length: TASKS }, (_, n) => {
    const shot = (n % SHOTS) + 1;
    const isOwn = n < SHOTS * TAKES_OF_SHOT;
    return { ...pastRecord(n), ...(isOwn ? { shot: { document: DOCUMENT, label: `Shot ${shot}`, title: '' } } : {}) };
  });
  const never = () => ({ dispose: () => undefined });
  const index = new ShotTaskIndex({ list: () => records, onDidChange: never, onDidLoad: never });
  const reader = new StoryboardReader();
  const prompts = new PromptMemory();
  const memory = new RemarkMemory();
  const prices = new Map(BUILT_IN_MODELS.map(({ id, price }) => [id, price]));
  const film = longFilm(SHOTS);
  const at = film.indexOf(`room ${SHOTS / 2}`);

  const look = (text: string): Lens[] => {
    const resolved = resolveStoryboard(reader.read(text), CONTEXT, prompts);
    const problems = checkStoryboard(text, resolved, CONTEXT, memory);
    const tasks = getShotTasks(resolved, index.of(DOCUMENT), DOCUMENT);
    const priceOf = (model: string) => prices.get(model);
    const plan = planRun({ resolved, problems, progressOf: ({ shot }) => tasks.progressOf(shot.index), priceOf });
    return getLenses({
      plan,
      problems,
      priceOf,
      titleAt: 0,
      takesOf: (shot) => tasks.of(shot).length,
      isUnderway: () => false,
      hasFailed: () => false,
      looseTakes: tasks.withoutShot.length,
      waiting: [],
    });
  };
  return Array.from({ length: FIRST_KEYS + KEYS }, (_, key) => {
    const text = film.slice(0, at) + 'x'.repeat(key) + film.slice(at);
    const { user, system } = process.cpuUsage();
    look(text);
    const spent = process.cpuUsage();
    return (spent.user - user + spent.system - system) / 1_000;
  }).slice(FIRST_KEYS);
}
