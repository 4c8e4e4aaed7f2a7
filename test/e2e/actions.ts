/** What a user does with Seedance in the workbench, and what they see there. Texts are the English ones. */
import type { FrameLocator, Locator } from 'playwright-core';
import { retry, type Workbench } from '../vscode/workbench';
import { fixture } from './setup';

const SEE_MS = 15_000;
/** A video needs its five seconds until the first question, and its way to the disk. */
export const READY_MS = 30_000;

/** Waits until what is read fits; the error shows what was read last. */
export async function until<T>(
  what: string,
  read: () => T | Promise<T>,
  fits: (value: T) => boolean,
  timeoutMs = SEE_MS,
): Promise<T> {
  return retry(timeoutMs, async () => {
    const value = await read();
    if (!fits(value)) throw new Error(`${what}: ${JSON.stringify(value)}`);
    return value;
  });
}

/** What an expression comes to in a preview's page. It is text: nothing here knows the types of pages. */
export async function inPage<T>(page: FrameLocator, expression: string): Promise<T> {
  const value: T = await page.locator('html').evaluate(expression);
  return value;
}

/** The key is stored once the message says so. */
export async function setKey(workbench: Workbench): Promise<void> {
  await fixture.setKey(workbench);
  await workbench.waitForNotification('The API key works and is stored');
  await closeNotifications(workbench);
}

/** The input box or quick pick with this title. */
export function question(workbench: Workbench, title: string | RegExp): Locator {
  return workbench.quickInput.filter({ has: workbench.page.locator('.quick-input-title', { hasText: title }) });
}

/** Answers the input box with this title. */
export async function answer(workbench: Workbench, title: string | RegExp, text: string): Promise<void> {
  await question(workbench, title).waitFor({ timeout: SEE_MS });
  await workbench.answer(text);
}

/** The rows of the question before money is spent, as they read. */
export async function offered(workbench: Workbench): Promise<string[]> {
  const offer = question(workbench, /^Seedance$/);
  await offer.locator('.monaco-list-row').first().waitFor({ timeout: SEE_MS });
  return Promise.all(
    (await offer.locator('.monaco-list-row').all()).map(async (row) => (await row.getAttribute('aria-label')) ?? ''),
  );
}

/** Takes the question before money is spent as it is. */
export async function acceptOffer(workbench: Workbench): Promise<void> {
  await offered(workbench);
  await workbench.page.keyboard.press('Enter');
}

/** Generates from a prompt that is typed, with everything as the settings say. */
export async function generate(workbench: Workbench, prompt: string): Promise<void> {
  await workbench.runCommand('Seedance: Generate video…');
  await answer(workbench, 'Generate video', prompt);
  await acceptOffer(workbench);
}

/** The row of a task, once it is there. */
export async function rowOf(workbench: Workbench, text: string | RegExp): Promise<Locator> {
  await workbench.openContainer('Seedance');
  const row = workbench.treeRow(text).first();
  await row.waitFor({ timeout: SEE_MS });
  return row;
}

/**
 * The state of a row in words, as a screen reader says it: to the eye, the icon says most of it. Of the row of a chain,
 * what it says beside its label.
 */
export async function stateOf(row: Locator): Promise<string> {
  const heard = (await row.getAttribute('aria-label')) ?? '';
  if (/^(Chain|Цепочка): /.test(heard)) return row.locator('.label-description').innerText();
  // Before the title stands what counts, which is not read aloud.
  const title = (await row.locator('.label-name').innerText()).split(' · ').at(-1)!;
  return heard
    .slice(heard.indexOf(title) + title.length)
    .replace(/^[.!?…]?\s*/, '')
    .replace(/\.?(?: (?:Seedance |Price: |Charged: |Цена: |Списано: ).*)?$/, '');
}

/** The time, or the percents, that a row of what is on its way begins with. */
export async function countOf(row: Locator): Promise<string> {
  return /^(.*?) · /.exec(await row.locator('.label-name').innerText())?.[1] ?? '';
}

/** Waits until a row says this. */
export async function waitForState(row: Locator, state: RegExp, timeoutMs = READY_MS): Promise<string> {
  return until(
    'the row says',
    () => stateOf(row),
    (text) => state.test(text),
    timeoutMs,
  );
}

/** Opens the preview of a row, and gives its document. */
export async function preview(workbench: Workbench, row: Locator): Promise<FrameLocator> {
  await row.click();
  const page = workbench.webview();
  await page.locator('#state').waitFor({ timeout: SEE_MS });
  return page;
}

/** Waits until the preview is in this state. */
export async function waitForPage(page: FrameLocator, state: string, timeoutMs = READY_MS): Promise<void> {
  await page.locator(`#state[data-state="${state}"]`).waitFor({ timeout: timeoutMs });
}

/** Where the video stands, in seconds. */
export async function currentTime(page: FrameLocator): Promise<number> {
  return inPage(page, 'document.querySelector("#video").currentTime');
}

/** Sends all toasts away, so that the next one with the same words is a new one. */
export async function closeNotifications(workbench: Workbench): Promise<void> {
  await retry(SEE_MS, async () => {
    for (const close of await workbench.page.locator('.notification-toast .codicon-notifications-clear').all()) {
      await close.click({ timeout: 1_000, force: true });
    }
    if ((await workbench.page.locator('.notification-toast').count()) > 0) throw new Error('a message stays');
  });
}

/** Everything that a page and the pages in it hold: their markup with all attributes. */
export async function wholeMarkup(workbench: Workbench): Promise<string> {
  const frames = await Promise.all(workbench.page.frames().map((frame) => frame.content().catch(() => '')));
  return frames.join('\n');
}

const MAX_STEPS = 12;
/** Longer than the next box takes to appear. */
const BETWEEN_STEPS_MS = 400;

/** Leaves a flow of questions: each Escape goes one step back, and the one in the first step ends it. */
export async function giveUp({ page, quickInput }: Workbench): Promise<void> {
  for (let step = 0; step < MAX_STEPS && (await quickInput.isVisible()); step++) {
    await page.keyboard.press('Escape');
    await page.waitForTimeout(BETWEEN_STEPS_MS);
  }
  await quickInput.waitFor({ state: 'hidden' });
}
