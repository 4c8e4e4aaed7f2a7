/** A password storage that is locked when the window opens: what is told, and that all goes on once it is open. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type Mocha from 'mocha';
import { freshProfile, type Locale } from '../vscode/browser';
import { answer, generate, rowOf, setKey, until, waitForState } from './actions';
import { fixture } from './setup';

const TWO_WINDOWS_TIMEOUT_MS = 4 * 60_000;
const PICTURES = path.resolve('out', 'ui');

/**
 * From the next window on, each read of a secret of ours fails until `isKeyringOpen` is set: what the workbench has read
 * from its storage gets values that reject, as a keyring does.
 */
const LOCK = `(() => {
  const parse = JSON.parse;
  JSON.parse = (text, reviver) => {
    const value = parse(text, reviver);
    for (const name of value !== null && typeof value === 'object' ? Object.keys(value) : []) {
      const secret = value[name];
      if (typeof secret === 'string' && /^{"extensionId":"[^"]*seedance"/.test(name)) {
        value[name] = {
          then: (resolve, reject) => (window.isKeyringOpen ? resolve(secret) : reject(new Error('The keyring is locked'))),
          toJSON: () => secret,
        };
      }
    }
    return value;
  };
})()`;

const WORDS: Readonly<Record<Locale, { bar: string; row: RegExp; waiting: RegExp; ready: RegExp }>> = {
  en: {
    bar: 'Seedance: the key cannot be read now',
    row: /Paused: the key cannot be read now/,
    waiting: /^(Waiting|Generating) since /,
    ready: /^Ready$/,
  },
  ru: {
    bar: 'Seedance: ключ сейчас не читается',
    row: /Пауза: ключ закрыт/,
    waiting: /^(Ожидает|Создаётся) с /,
    ready: /^Готово$/,
  },
};

describe('a keyring that is locked at the start', () => {
  for (const locale of ['en', 'ru'] as const) {
    it(`is told in the status bar and on the task, and all goes on once it is open (${locale})`, async function (this: Mocha.Context) {
      this.timeout(TWO_WINDOWS_TIMEOUT_MS);
      const { emulator, browser } = fixture;
      const { bar, row: paused, waiting, ready } = WORDS[locale];
      emulator.behaviour.durations = 300_000;
      const profile = await freshProfile(browser, { locale });
      const { workbench } = await fixture.openIn(profile, await fixture.workspace());
      if (locale === 'en') {
        await setKey(workbench);
        await generate(workbench, 'A locked door');
      } else {
        await workbench.openContainer('Seedance');
        await workbench.page.locator('.sidebar .welcome-view-content .monaco-button').first().click();
        await answer(workbench, 'Указать ключ API', emulator.key);
        await workbench.waitForNotification('Ключ API работает и сохранён.');
        await workbench.runCommand('Seedance: Создать видео…');
        await answer(workbench, 'Создать видео', 'A locked door');
        await workbench.quickInput.getByText('122').first().waitFor();
        await workbench.page.keyboard.press('Enter');
      }
      await waitForState(await rowOf(workbench, 'A locked door'), waiting);

      await profile.addInitScript(LOCK);
      await workbench.reload();
      await workbench.statusBarItem(bar).waitFor();
      const row = await rowOf(workbench, 'A locked door');
      await until(
        'the task says',
        async () => `${(await row.getAttribute('aria-label')) ?? ''} ${await row.innerText()}`,
        (text) => paused.test(text),
      );
      assert.equal(await workbench.statusBarItem('₽').count(), 0);
      await mkdir(PICTURES, { recursive: true });
      await workbench.screenshot(path.join(PICTURES, `keyring-${locale}.png`));
      const asked = emulator.ledger.results().length;

      // A click while it is still locked changes nothing.
      await workbench.statusBarItem(bar).locator('a').click();
      await workbench.statusBarItem(bar).waitFor();
      assert.equal(emulator.ledger.results().length, asked);

      emulator.advance(300_000);
      await workbench.page.evaluate('window.isKeyringOpen = true');
      // The extension looks by itself too, and may be the first.
      await workbench
        .statusBarItem(bar)
        .locator('a')
        .click({ timeout: 2_000 })
        .catch(() => undefined);
      await workbench.statusBarItem('₽').waitFor();
      await workbench.statusBarItem(bar).waitFor({ state: 'detached' });
      await waitForState(row, ready);
      assert.equal(emulator.ledger.charged().length, 1);
    });
  }
});
