import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createImageFromUrl } from '../../../src/images/delivery/imageUrl';
import { getFamilies } from '../../../src/api/modelGroups';
import { BUILT_IN_MODELS, parseModelId, toModels } from '../../../src/api/models';
import { ApiError } from '../../../src/api/apiError';
import type * as Format from '../../../src/messages/format';
import type { ChargeableTask } from '../../../src/tasks/model/taskRecord';
import type { OfferedModels } from '../../../src/generation/modelPicker';
import type { SelectedFrame } from '../../../src/generation/generationRequest';
import { bundle, env, settings, workspaceSettings } from '../../support/vscodeStub';
import { ROOT } from '../../support/root';

const { parseSettings, readSettings } = await import('../../../src/platform/settings');

const items = await import('../../../src/generation/modelPicker');
const { GenerationRequest, needsConfirmation } = await import('../../../src/generation/generationRequest');
const { getMoneyLine } = await import('../../../src/generation/confirmGeneration');
const { getMissingMessage, getShortageMessage } = await import('../../../src/generation/confirmBudget');
const { getSuggestedModels, rememberSuggestedModels } = await import('../../../src/generation/submitGeneration');
const { createSpendingHtml } = await import('../../../src/views/spending/spendingHtml');

const readJson = <T>(file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as T;
/** What people write where a limit to spending belongs. */
const NO_LIMITS = ['500', '', ' 5 ', -5, -0.01, null, NaN, Infinity, -Infinity, JSON.parse('1e999'), [], [5], {}, true];
const DEFAULT = 'seedance-1-pro-1080P-5s';
const BUILT_IN: OfferedModels = { models: BUILT_IN_MODELS, source: 'built-in' };
/** No-break spaces are what they look like. */
const plain = (text: string | undefined) => (text ?? '').replace(/[\u00a0\u202f]/g, ' ');
const read = ({ label, description }: { label: string; description?: string }) =>
  plain(description ? `${label} | ${description}` : label);

describe('the model picker', () => {
  it('begins with the last choices, then the families, each with its lowest price and what it gives', () => {
    const list = items.getFamilyItems(BUILT_IN, ['seedance-2-mini-480P-5s', DEFAULT], DEFAULT).map(read);
    assert.deepEqual(list.slice(0, 4), [
      'chosen last',
      'Seedance 2 Mini · 480P · 5 s | 48 ₽ · with sound',
      '$(check) Seedance 1 Pro · 1080P · 5 s | 122 ₽',
      'built-in prices, they may have changed',
    ]);
    const families = list.slice(4);
    assert.deepEqual(
      families.filter((row) => /^Seedance 2( Fast)? \|/.test(row)),
      [
        'Seedance 2 | from 140 ₽ · 480P, 720P, 1080P, 4K · with sound',
        'Seedance 2 Fast | from 112 ₽ · 480P, 720P · with sound',
      ],
    );
    // One row a family: never a wall of ids.
    assert.deepEqual(
      families.map((row) => row.split(' | ')[0]).slice(0, getFamilies(BUILT_IN_MODELS).length),
      getFamilies(BUILT_IN_MODELS).map(({ title }) => title),
    );
    assert.ok(families.length <= getFamilies(BUILT_IN_MODELS).length + 2, families.join('\n'));
  });

  it('has the default first as long as nothing was chosen, and Enter takes the first', () => {
    const list = items.getFamilyItems(BUILT_IN, [], DEFAULT);
    assert.deepEqual(list.slice(0, 2).map(read), ['default', '$(check) Seedance 1 Pro · 1080P · 5 s | 122 ₽']);
    assert.equal(items.getActiveFamily(list, DEFAULT), list[1]);
  });

  it('tells the age of the prices, and offers no family that is not in the list', () => {
    const models = toModels([{ id: 'seedance-2-480P-5s', price: 1.5 }, { id: 'sora-2', price: 160 }, { id: 'chat' }]);
    const list = items
      .getFamilyItems({ models, source: 'live', fetchedAt: Date.UTC(2026, 4, 20, 12) }, [], DEFAULT)
      .map(read);
    assert.match(list[2] ?? '', /^prices of May 20, 2026/);
    assert.deepEqual(list.slice(3), [
      'Seedance 2 | from 1.50 ₽ · 480P · with sound',
      'Other models… | by other makers: 2',
    ]);
    assert.equal(list[1], '$(check) Seedance 1 Pro · 1080P · 5 s | price unknown');
  });

  it('offers in place of a refused model only what the service offers', () => {
    const models = toModels([{ id: 'seedance-2-480P-5s', price: 140 }]);
    const list = items.getFamilyItems({ models, source: 'refused' }, [DEFAULT, 'seedance-2-480P-5s'], DEFAULT);
    assert.deepEqual(list.map(read), [
      'chosen last',
      'Seedance 2 · 480P · 5 s | 140 ₽ · with sound',
      'offered by the service',
      'Seedance 2 | from 140 ₽ · 480P · with sound',
    ]);
  });

  it('lists of a family what exists, by resolution and duration, and marks the nearest for Enter', () => {
    const list = items.getVariantItems(BUILT_IN_MODELS, 'seedance-2-mini', DEFAULT).map(read);
    assert.deepEqual(list, [
      '480P',
      '480P · 5 s | 48 ₽',
      '480P · 10 s | 92 ₽',
      '480P · 12 s | 115.20 ₽',
      '480P · 15 s | 144 ₽',
      '720P',
      '720P · 5 s | 102.60 ₽',
      '720P · 10 s | 205 ₽',
      '720P · 12 s | 246 ₽',
      '720P · 15 s | 307.50 ₽',
      '4K',
      '4K · 15 s | 307.50 ₽',
      'chosen by the service',
      'seedance-2-mini | 36 ₽',
    ]);
    assert.equal(items.getNearestVariant(BUILT_IN_MODELS, 'seedance-2', DEFAULT), 'seedance-2-1080P-5s');
    assert.equal(items.getGroupTitle({ family: 'seedance-2-mini' }), 'Seedance 2 Mini · with sound');
    assert.equal(items.getGroupTitle({ family: 'seedance-1-pro' }), 'Seedance 1 Pro');
  });

  it('shows ids of others as text, whatever is in them', () => {
    const models = toModels([{ id: 'sora-$(flame)', price: 1 }, { id: 'gpt-image' }]);
    assert.deepEqual(items.getOtherItems(models, 'gpt-image').map(read), [
      'sora-\\$(flame) | 1 ₽',
      'may not make videos',
      '$(check) gpt-image | price unknown',
    ]);
  });

  it('copes with a list of 5,000', () => {
    const models = toModels(Array.from({ length: 5_000 }, (_, index) => ({ id: `other-${index}`, price: index })));
    assert.equal(items.getFamilyItems({ models, source: 'live', fetchedAt: 0 }, [], DEFAULT).length, 4);
    assert.equal(items.getOtherItems(models, DEFAULT).length, 5_001);
  });

  it('keeps the list of a refusal, but not a word for a type', () => {
    const modelCatalog = { priceOf: (id: string) => (id === 'seedance-2' ? 140 : undefined) };
    const refusal = (expected: string) =>
      new ApiError('invalid-input', { code: 3, issues: [{ path: 'model', expected }] });
    rememberSuggestedModels({ modelCatalog } as never, 'a1', refusal('seedance-2 | seedance-9-480P-5s | sora-2'));
    rememberSuggestedModels({ modelCatalog } as never, 'b1', refusal('string'));
    assert.deepEqual(
      getSuggestedModels('a1')?.map(({ id, price }) => [id, price]),
      [
        ['seedance-2', 140],
        ['seedance-9-480P-5s', undefined],
        ['sora-2', undefined],
      ],
    );
    assert.equal(getSuggestedModels('b1'), undefined);
  });
});

describe('money before sending', () => {
  const frame: SelectedFrame = { image: createImageFromUrl('https://example.org/boat.png'), delivery: 'link' };
  const requestOf = (prompts: number, frames: number) =>
    new GenerationRequest({
      prompts: Array<string>(prompts).fill('a'),
      frames: Array<SelectedFrame>(frames).fill(frame),
      model: DEFAULT,
      aspectRatio: '16:9',
    });

  it('sums up each prompt with each first frame', () => {
    assert.equal(requestOf(1, 0).totalPrice(122), 122);
    assert.equal(requestOf(3, 0).totalPrice(122), 366);
    assert.equal(requestOf(2, 3).totalPrice(22.4), 22.4 * 6);
    assert.equal(requestOf(2, 0).totalPrice(undefined), undefined);
  });

  it('asks above confirmAbove, and always where the price is unknown', () => {
    assert.equal(needsConfirmation(100, 100), false);
    assert.equal(needsConfirmation(100.01, 100), true);
    assert.equal(needsConfirmation(4, 0), true);
  });

  it('asks for a price of 0, without a price and without a limit that can be read, however high the limit is', () => {
    assert.equal(needsConfirmation(0, 0), true);
    assert.equal(needsConfirmation(0, 1e9), true);
    assert.equal(needsConfirmation(undefined, 1e9), true);
    assert.equal(needsConfirmation(1, 'unreadable'), true);
  });

  it('says the balance where money is decided, also that it is unknown', () => {
    assert.deepEqual(getMoneyLine({ balance: undefined }, 122), { detail: 'Balance: …' }, 'while it is awaited');
    for (const sum of [122, undefined]) {
      assert.deepEqual(getMoneyLine({ balance: 'unknown' }, sum), { detail: 'Balance unknown.' });
      assert.equal(plain(getMoneyLine({ balance: { balance: 500 } }, sum).detail), 'Balance: 500 ₽.');
    }
    assert.match(plain(getMoneyLine({ balance: { balance: 40.5 } }, 122).detail), /warning.*81\.50 ₽ too little/);
  });

  it('says beside it what is left of the daily budget', () => {
    const left = (isAtMost: boolean) => ({ balance: { balance: 500 }, leftToday: { roubles: 78, isAtMost } });
    assert.equal(plain(getMoneyLine(left(false), 122).detail), 'Balance: 500 ₽. Left of the daily budget: 78 ₽.');
    assert.match(plain(getMoneyLine(left(true), 122).detail), /Left of the daily budget: 78 ₽ at most\./);
    assert.equal(
      plain(getMoneyLine({ ...left(false), balance: undefined }, 122).detail),
      'Balance: … Left of the daily budget: 78 ₽.',
    );
  });

  it('says when the balance is too low, and what would go on credit', () => {
    assert.equal(getShortageMessage({ balance: 122 }, 122), undefined);
    assert.equal(
      plain(getShortageMessage({ balance: 40.5 }, 122)),
      'Balance: 40.50 ₽, that is 81.50 ₽ too little. The service may refuse it.',
    );
    assert.equal(
      plain(getShortageMessage({ balance: -51.54, creditLimit: 15_000 }, 122)),
      'Balance: -51.54 ₽. 173.54 ₽ would go on credit (limit 15,000 ₽).',
    );
    assert.match(plain(getShortageMessage({ balance: -14_990, creditLimit: 15_000 }, 122)), /too little/);
  });

  it('says after a refusal what is missing, the credit counted', () => {
    assert.equal(plain(getMissingMessage({ balance: 40.5 }, 122)), 'Balance: 40.50 ₽, price: 122 ₽, missing: 81.50 ₽.');
    assert.equal(
      plain(getMissingMessage({ balance: -90, creditLimit: 100 }, 122)),
      'Balance: -90 ₽, price: 122 ₽, missing: 112 ₽.',
    );
    assert.equal(plain(getMissingMessage({ balance: 500 }, 122)), 'Balance: 500 ₽.');
    assert.equal(plain(getMissingMessage({ balance: 5 }, undefined)), 'Balance: 5 ₽.');
  });
});

describe('the page with what was spent', () => {
  const NOW = new Date(2026, 4, 20, 15, 30).getTime();
  const task = (facts: Partial<ChargeableTask> & { model?: string } = {}): ChargeableTask => {
    const { model = DEFAULT, ...rest } = facts;
    return {
      state: 'done',
      origin: 'generated',
      gatewayId: 'g1',
      quotedPrice: 122,
      createdAt: NOW,
      request: { model },
      ...rest,
    };
  };
  const page = (records: ChargeableTask[], budget = 0) => plain(createSpendingHtml({ records, now: NOW, budget }));

  it('sums today, 7 and 30 days, done and failed apart, by model', () => {
    const html = page([
      task(),
      task({ state: 'failed' }),
      task({ model: 'seedance-2', quotedPrice: 140, createdAt: NOW - 3 * 86_400_000 }),
      task({ model: 'wan', quotedPrice: undefined, createdAt: NOW - 20 * 86_400_000 }),
    ]);
    assert.match(html, /Today<\/span><strong>244 ₽<\/strong><span class="detail">Tasks: 2</);
    assert.match(html, /7 days<\/span><strong>384 ₽/);
    assert.match(html, /30 days<\/span><strong>384 ₽<\/strong><span class="detail">Tasks: 4\nof unknown price: 1</);
    assert.match(
      html,
      /<th scope="row">Seedance 1 Pro · 1080P · 5 s<\/th><td>244 ₽<span class="detail">Done: 1 · 122 ₽\nFailed: 1 · 122 ₽</,
    );
    assert.match(html, /<th scope="row">wan<\/th><td>–<\/td><td>–<\/td><td>0 ₽/);
    assert.match(html, /no rule for what a failed task costs/);
  });

  it('holds today against the budget', () => {
    assert.match(
      page([task()], 300),
      /<meter[^>]* value="122"[^>]*><\/meter><span class="detail">of a daily budget of 300 ₽</,
    );
    assert.match(page([task(), task(), task()], 300), /class="detail past">66 ₽ past the daily budget of 300 ₽</);
    assert.doesNotMatch(page([task()]), /meter/);
  });

  it('says when there is nothing, and shows foreign text as text', () => {
    assert.match(page([]), /Nothing was spent in the last 30 days\./);
    const html = page([task({ model: '<img src=x onerror=alert(1)>' })]);
    assert.doesNotMatch(html, /<img/);
    assert.doesNotMatch(html, /<script|\son\w+="/);
  });
});

describe('numbers in both languages', () => {
  /** The same module anew, as VS Code starts it in that language. */
  const formatIn = async (language: string) => {
    const before = env.language;
    env.language = language;
    try {
      return (await import(`../../../src/messages/format.ts?${language}`)) as typeof Format;
    } finally {
      env.language = before;
    }
  };

  it('are written as people write them there', async () => {
    const [english, russian] = [await formatIn('en'), await formatIn('ru')];
    const amounts = [0, 122, 22.4, 4680, 15_000.5, -51.54397, 0.004];
    assert.deepEqual(
      amounts.map((n) => plain(english.formatRoubles(n))),
      ['0 ₽', '122 ₽', '22.40 ₽', '4,680 ₽', '15,000.50 ₽', '-51.54 ₽', '0 ₽'],
    );
    assert.deepEqual(
      amounts.map((n) => plain(russian.formatRoubles(n))),
      ['0 ₽', '122 ₽', '22,40 ₽', '4 680 ₽', '15 000,50 ₽', '-51,54 ₽', '0 ₽'],
    );
  });

  it('stand in Russian sentences', () => {
    const texts = readJson<Record<string, string>>('l10n/bundle.l10n.ru.json');
    Object.entries(texts).forEach(([key, text]) => bundle.set(key, text));
    try {
      assert.equal(
        plain(getShortageMessage({ balance: 40 }, 122)),
        'Баланс: 40 ₽, не хватает 82 ₽. Сервис может отказать.',
      );
      const [heading, last] = items.getFamilyItems(BUILT_IN, [], DEFAULT).map(read);
      assert.deepEqual(
        { heading, last },
        { heading: 'по умолчанию', last: '$(check) Seedance 1 Pro · 1080P · 5 с | 122 ₽' },
      );
    } finally {
      bundle.clear();
    }
  });
});

describe('families of models', () => {
  it('say what they are good for, each in its own words', () => {
    const details = items
      .getFamilyItems(BUILT_IN, [], 'seedance-1-pro-1080P-5s')
      .filter(({ choice }) => typeof choice === 'object' && 'family' in choice)
      .map(({ detail }) => detail);
    assert.equal(details.length, 8);
    assert.equal(new Set(details).size, 8);
    assert.ok(details.every((detail) => detail !== undefined && detail !== ''));
  });
});

describe('settings of model and money', () => {
  interface Property {
    type: string;
    scope: string;
    default: unknown;
    enum?: string[];
    enumDescriptions?: string[];
    enumItemLabels?: string[];
  }
  const { contributes } = readJson<{ contributes: { configuration: { properties: Record<string, Property> } } }>(
    'package.json',
  );
  const { properties } = contributes.configuration;
  const english = readJson<Record<string, string>>('package.nls.json');
  const russian = readJson<Record<string, string>>('package.nls.ru.json');

  it('list every known model id, with what it gives, and first what stands for any other', () => {
    const model = properties['seedance.model'];
    // VS Code draws a list only for an `enum`, and shows the first line for a value that is not in it.
    const [other, ...ids] = model?.enum ?? [];
    const [otherDescription, ...descriptions] = model?.enumDescriptions ?? [];
    assert.deepEqual(
      { other, label: model?.enumItemLabels, otherDescription },
      { other: '', label: ['%setting.model.other.label%'], otherDescription: '%setting.model.other%' },
    );
    assert.equal(parseSettings(() => other).model, model?.default);
    assert.deepEqual(
      ids,
      BUILT_IN_MODELS.map(({ id }) => id),
    );
    assert.equal(model?.type, 'string');
    ids.forEach((id, index) => {
      const name = parseModelId(id);
      const key = (descriptions[index] ?? '').slice(1, -1);
      assert.match(
        english[key] ?? '',
        new RegExp(`^(${name?.resolution ?? 'The service chooses'}\\b.*${name?.seconds ?? ''}).*\\.$`),
        id,
      );
      assert.equal(english[key]?.includes('with sound'), name?.audio, id);
      assert.equal(russian[key]?.includes('со звуком'), name?.audio, id);
    });
  });

  it('complete the aspect ratios', () => {
    assert.deepEqual(properties['seedance.aspectRatio']?.enum, ['16:9', '9:16', '1:1']);
    assert.equal(properties['seedance.aspectRatio'].enumDescriptions?.length, 3);
  });

  it('let no workspace touch the budget', () => {
    assert.deepEqual(
      { scope: properties['seedance.dailyBudget']?.scope, default: properties['seedance.dailyBudget']?.default },
      { scope: 'application', default: 0 },
    );
  });

  for (const name of ['dailyBudget', 'confirmAbove'] as const) {
    it(`take a number for ${name}, and nothing else for none`, () => {
      const parse = (value: unknown) => parseSettings((key) => (key === name ? value : undefined))[name];
      for (const limit of [0, 0.01, 200.5, 1e15]) {
        assert.equal(parse(limit), limit);
      }
      assert.equal(parse(undefined), 0);
      for (const nonsense of NO_LIMITS) {
        assert.equal(parse(nonsense), 'unreadable', JSON.stringify(nonsense));
      }
    });
  }

  it('let a workspace lower what is spent without a question, and not raise it', () => {
    const confirmAbove = (user: unknown, workspace: unknown) => {
      settings.set('seedance.confirmAbove', user);
      if (workspace !== undefined) {
        workspaceSettings.set('seedance.confirmAbove', workspace);
      }
      try {
        return readSettings().confirmAbove;
      } finally {
        settings.delete('seedance.confirmAbove');
        workspaceSettings.clear();
      }
    };
    assert.equal(confirmAbove(50, 1e6), 50);
    assert.equal(confirmAbove(50, 20), 20);
    assert.equal(confirmAbove(50, 0), 0);
    assert.equal(confirmAbove(undefined, 1e6), 0);
    assert.equal(confirmAbove(50, undefined), 50);
    for (const nonsense of NO_LIMITS) {
      assert.equal(confirmAbove(50, nonsense), 'unreadable', JSON.stringify(nonsense));
      assert.equal(confirmAbove(nonsense, 50), 'unreadable', JSON.stringify(nonsense));
    }
  });
});
