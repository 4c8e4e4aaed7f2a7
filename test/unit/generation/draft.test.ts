import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import type { ExtensionServices } from '../../../src/container';
import { MAX_READ_CHARS } from '../../../src/tasks/model/prompt';

const { Draft, proposeNewestDraft } = await import('../../../src/generation/draft');

const FRAME = { source: 'https://images.example/boat.png', label: 'boat.png', link: 'https://images.example/boat.png' };
const CHOICES = {
  model: 'seedance-1-pro-480P-2s',
  aspectRatio: '9:16',
  isRatioChosen: true,
  frames: [{ image: FRAME, delivery: 'link' }],
} as const;

/** The state of a workspace as VS Code hands it out: copies, and what is taken out is not listed. */
function createServices() {
  const state = new Map<string, string>();
  const workspaceState = {
    get: (key: string): unknown => (state.has(key) ? JSON.parse(state.get(key)!) : undefined),
    update: (key: string, value: unknown) => {
      if (value === undefined) {
        state.delete(key);
      } else {
        state.set(key, JSON.stringify(value));
      }
      return Promise.resolve();
    },
    keys: () => [...state.keys()],
  };
  // The clock stands: drafts must not be told apart by it alone.
  const services = {
    context: { workspaceState },
    log: { debug: () => undefined, warn: () => undefined },
    now: () => 5,
  };
  return { state, services: services as unknown as ExtensionServices };
}

const nothingIsOpen = () => false;

describe('a draft', () => {
  it('is there again, with model, ratio and first frame', async () => {
    const { services } = createServices();
    new Draft(services).keep('a fox', CHOICES);
    const { prompt, choices, lost } = await new Draft(services).read();
    assert.equal(prompt, 'a fox');
    assert.deepEqual(
      { ...choices, frames: choices.frames?.map(({ image }) => image.source) },
      {
        ...CHOICES,
        frames: [FRAME.source],
      },
    );
    assert.deepEqual(lost, []);
  });

  it('ends with its order, and with its words', () => {
    for (const end of [
      (draft: InstanceType<typeof Draft>) => draft.clear(),
      (draft: InstanceType<typeof Draft>) => draft.keep(' \n', {}),
    ]) {
      const { services, state } = createServices();
      const draft = new Draft(services);
      draft.keep('a fox', {});
      end(draft);
      assert.deepEqual([...state.keys()], []);
    }
  });

  it('is not ended by the order of another one, in whichever window and whenever that was read', async () => {
    const { services } = createServices();
    const first = new Draft(services);
    first.keep('a fox', {});
    const reader = new Draft(services);
    await reader.read();
    const second = new Draft(services);
    second.keep('a whale', {});
    first.clear();
    reader.clear();
    new Draft(services).clear();
    assert.equal(second.peek()?.prompt, 'a whale');
    second.clear();
    assert.equal(second.peek(), undefined);
  });

  it('is put beside by words for something else, and comes back after them', () => {
    const { services } = createServices();
    new Draft(services).keep('a fox', CHOICES);
    const other = new Draft(services);
    for (const text of ['a', 'a w', 'a whale']) {
      other.keep(text, {});
    }
    proposeNewestDraft(services, nothingIsOpen);
    assert.equal(new Draft(services).peek()?.prompt, 'a whale');
    other.clear();
    proposeNewestDraft(services, nothingIsOpen);
    assert.equal(new Draft(services).peek()?.prompt, 'a fox');
  });

  it('is replaced, and not put beside, by its own next words', async () => {
    const { services, state } = createServices();
    new Draft(services).keep('a fox', {});
    const next = new Draft(services);
    await next.read();
    next.keep('a fox runs', {});
    assert.equal(state.size, 1);
  });

  it('of an editor is proposed once that is closed, and what was proposed before comes after it', () => {
    const { services } = createServices();
    new Draft(services).keep('in the box', {});
    const editor = new Draft(services, 'e1');
    editor.write('', CHOICES);
    editor.keepText('in the editor\nwith lines');
    proposeNewestDraft(services, (id) => id === 'e1');
    assert.equal(new Draft(services).peek()?.prompt, 'in the box');
    // The clock stands, so the later one is told by a word that is typed now.
    const later = { ...services, now: () => 9 };
    new Draft(later, 'e1').keepText('in the editor\nwith more lines');
    proposeNewestDraft(later, nothingIsOpen);
    const proposed = new Draft(later);
    assert.equal(proposed.peek()?.prompt, 'in the editor\nwith more lines');
    return proposed.read().then(({ choices }) => {
      assert.equal(choices.aspectRatio, '9:16');
      proposed.clear();
      proposeNewestDraft(later, nothingIsOpen);
      assert.equal(new Draft(later).peek()?.prompt, 'in the box');
    });
  });

  it('is kept whole at any length that is read, and told to be too long above that, with the one before it unchanged', () => {
    const { services } = createServices();
    const draft = new Draft(services);
    for (const length of [50_000, 50_001, MAX_READ_CHARS]) {
      assert.equal(draft.keep('ю'.repeat(length), {}), true);
      assert.equal(draft.peek()?.prompt.length, length);
    }
    for (const keep of [(text: string) => draft.keep(text, {}), (text: string) => draft.keepText(text)]) {
      assert.equal(keep('x'.repeat(MAX_READ_CHARS + 1)), false);
      assert.equal(draft.peek()?.prompt, 'ю'.repeat(MAX_READ_CHARS));
    }
  });

  it('of an older version, or one that is no draft, is read or passed over', () => {
    const { services, state } = createServices();
    state.set('seedance.draft', JSON.stringify({ prompt: 'old', frames: [] }));
    assert.equal(new Draft(services).peek()?.prompt, 'old');
    for (const odd of ['null', '"x"', '{"prompt":5,"frames":[]}', '{"prompt":"x"}']) {
      state.set('seedance.draft', odd);
      assert.equal(new Draft(services).peek(), undefined);
      assert.equal(new Draft(services).keep('new', {}), true);
    }
  });

  it('of which there are ever more does not fill the state', () => {
    const { services, state } = createServices();
    for (let index = 0; index < 40; index++) {
      new Draft(services).keep(`words ${index}`, {});
    }
    assert.equal(new Draft(services).peek()?.prompt, 'words 39');
    assert.ok(state.size <= 11, String(state.size));
    assert.match([...state.values()].join(' '), /words 38/);
  });
});
