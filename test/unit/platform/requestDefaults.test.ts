import assert from 'node:assert/strict';
import { changeSetting, settings, workspaceSettings } from '../../support/vscodeStub';

const { RequestDefaults } = await import('../../../src/platform/requestDefaults');
const { getStatusBarText } = await import('../../../src/views/statusBar');
const { saveAsDefault } = await import('../../../src/generation/saveDefaults');

const [PRO, LITE, FAST] = [
  'seedance-1-pro-1080P-5s',
  'seedance-1-lite-480P-5s',
  'seedance-1-pro-fast-480P-2s',
] as const;

class FakeMemento {
  readonly values = new Map<string, unknown>();
  get = (key: string) => this.values.get(key);
  update = (key: string, value: unknown) => Promise.resolve(void this.values.set(key, value));
  keys = () => [...this.values.keys()];
}

describe('what the next request begins with', () => {
  let memento: FakeMemento;
  let defaults: InstanceType<typeof RequestDefaults>;
  const open = () => new RequestDefaults(memento);
  const next = () => {
    const { model, aspectRatio } = defaults.read(undefined);
    return `${model} ${aspectRatio}`;
  };

  beforeEach(() => {
    settings.clear();
    memento = new FakeMemento();
    defaults = open();
  });
  afterEach(() => {
    defaults.dispose();
    settings.clear();
    workspaceSettings.clear();
  });

  it('is the setting until something was chosen, then the choice, also in another session', () => {
    assert.deepEqual(defaults.read(undefined), { model: PRO, aspectRatio: '16:9', isRemembered: false });
    settings.set('seedance.model', FAST);
    defaults.remember({ model: LITE });
    assert.equal(next(), `${LITE} 16:9`, 'the setting of the user loses');
    defaults.remember({ aspectRatio: '9:16' });
    defaults.dispose();
    defaults = open();
    assert.deepEqual(defaults.read(undefined), { model: LITE, aspectRatio: '9:16', isRemembered: true });
  });

  it('is what was set by hand for the workspace, whenever something else was chosen', () => {
    workspaceSettings.set('seedance.model', FAST);
    defaults.remember({ model: LITE, aspectRatio: '1:1' });
    assert.equal(next(), `${FAST} 1:1`);
    workspaceSettings.set('seedance.aspectRatio', '9:16');
    assert.equal(next(), `${FAST} 9:16`);
    // Written by hand, so it may be nonsense, which sets nothing.
    workspaceSettings.set('seedance.model', ' ');
    workspaceSettings.set('seedance.aspectRatio', '4:3');
    assert.equal(next(), `${LITE} 1:1`);
  });

  it('is a setting that was changed later than the choice, also back again', () => {
    defaults.remember({ model: LITE, aspectRatio: '9:16' });
    changeSetting('seedance.model', FAST);
    assert.equal(next(), `${FAST} 9:16`);
    changeSetting('seedance.model', undefined);
    assert.equal(next(), `${PRO} 9:16`);
  });

  it('is a setting that was changed while no window was open', () => {
    defaults.remember({ model: LITE });
    defaults.dispose();
    settings.set('seedance.model', PRO);
    defaults = open();
    assert.equal(next(), `${PRO} 16:9`, 'set by hand, although it is the default');
  });

  it('is what is kept as default, also where the setting said so before', async () => {
    defaults.remember({ model: LITE, aspectRatio: '9:16' });
    await saveAsDefault({ defaults }, { model: PRO }, undefined);
    assert.equal(next(), `${PRO} 9:16`);
  });

  it('is no nonsense that the memory of the workspace holds', () => {
    for (const stored of [7, 'x', [], { model: 5 }, { model: { value: 7 } }, { model: { value: ' ' } }]) {
      memento.values.set('seedance.chosen', stored);
      assert.equal(next(), `${PRO} 16:9`, JSON.stringify(stored));
    }
    memento.values.set('seedance.chosen', { model: { value: 'x'.repeat(201) }, aspectRatio: { value: '4:3' } });
    assert.equal(next(), `${PRO} 16:9`);
  });

  it('is in the status bar, with its price, at once', () => {
    const catalog = {
      current: () => ({ models: [], source: 'built-in' as const }),
      priceOf: (model: string) => (model === LITE ? 17 : 122),
    };
    const shown: unknown[] = [];
    defaults.onDidChange(() => shown.push(getStatusBarText(catalog, defaults).text));
    defaults.remember({ model: LITE });
    changeSetting('seedance.model', PRO);
    assert.deepEqual(
      shown.map((text) => String(text).replaceAll('\u00a0', ' ')),
      ['Seedance 1 Lite · 480P · 5 s · 16:9 · 17 ₽', 'Seedance 1 Pro · 1080P · 5 s · 16:9 · 122 ₽'],
    );
    defaults.remember({ model: LITE });
    assert.match(JSON.stringify(getStatusBarText(catalog, defaults)), /As chosen last in this workspace\./);
  });
});
