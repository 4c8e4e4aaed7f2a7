/** The browser that shows the workbench. */
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
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

/** In it are the key, the layout and the state of the workbench. The service worker of webviews holds none. */
const SITE_DATA = 'cookies,local_storage,indexeddb,cache_storage';

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
 * The default profile of a browser of its own, for many windows one after the other. Its folder keeps the scripts
 * of the workbench and V8's compiled code of them, which is a third of what it costs to open a window in a fresh
 * profile. Between two windows it forgets everything else.
 */
export class ReusedProfile {
  private constructor(
    readonly context: BrowserContext,
    /** Stays open, because a profile without a page may end its browser. */
    private readonly blank: Page,
    private readonly devTools: CDPSession,
  ) {}

  static async start(folder: string): Promise<ReusedProfile> {
    const context = await lastingProfile(folder);
    const blank = context.pages()[0] ?? (await context.newPage());
    return new ReusedProfile(context, blank, await context.newCDPSession(blank));
  }

  /** The browser, for profiles beside this one. */
  get browser(): Browser {
    const browser = this.context.browser();
    if (browser === null) throw new Error('The profile has no browser.');
    return browser;
  }

  /** The windows that are open. */
  get windows(): Page[] {
    return this.context.pages().filter((page) => page !== this.blank);
  }

  /** Forgets all that a site can store but the cache. Its windows must be closed. */
  async forget(origin: string): Promise<void> {
    await this.context.unrouteAll();
    await this.devTools.send('Storage.clearDataForOrigin', { origin, storageTypes: SITE_DATA });
  }
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
