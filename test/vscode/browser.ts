/** The browser that shows the workbench. */
import { chromium, type Browser, type BrowserContext } from 'playwright-core';
import { provideChromium } from './chromium';

/** From 1440×900 on the workbench shows all its parts, the picture pane of a walkthrough too. */
const VIEWPORT = { width: 1440, height: 900 };

const FLAGS = [
  '--no-sandbox', // containers run as root
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage', // a container's /dev/shm is too small for video
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
];

/** Copy commands and their tests need both. */
const CLIPBOARD = ['clipboard-read', 'clipboard-write'];

/** Languages that the workbench can be asked for: see `Sandbox`. */
export type Locale = 'en' | 'ru';

export interface ProfileOptions {
  readonly locale?: Locale;
  /** Whether a user looks at it; then the window decides its size. */
  readonly headed?: boolean;
}

/** Starts a browser without a window. Each context of it is a profile that is forgotten: no key, no state. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: provideChromium(), args: FLAGS });
}

/** A fresh, forgetful profile. */
export async function freshProfile(browser: Browser, options: ProfileOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ viewport: VIEWPORT, locale: options.locale ?? 'en', permissions: CLIPBOARD });
}

/**
 * A browser of its own whose profile lies in `folder` and survives a restart. The workbench keeps secrets
 * there, so a test of "the next day" has to come back with the same folder and the same port.
 */
export async function lastingProfile(folder: string, options: ProfileOptions = {}): Promise<BrowserContext> {
  const headed = options.headed ?? false;
  return chromium.launchPersistentContext(folder, {
    executablePath: provideChromium(),
    args: FLAGS,
    headless: !headed,
    viewport: headed ? null : VIEWPORT,
    locale: options.locale ?? 'en',
    permissions: CLIPBOARD,
  });
}
