import '../../support/vscodeStub';
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Commands, COMPOSER_VIEW, LAST_FRAME_VIEW, TASKS_VIEW } from '../../../src/constants';
import { IMAGE_EXTENSIONS } from '../../../src/images/imageNames';
import { VIDEO_TYPES, type VideoType } from '../../../src/tasks/model/taskRecord';
import { TASK_CAPABILITIES } from '../../../src/tasks/model/taskCapabilities';
import { ROOT } from '../../support/root';

const { COMMANDS } = await import('../../../src/commands/commandTable');
const { parseSettings, DEFAULT_SETTINGS } = await import('../../../src/platform/settings');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Manifest {
  icon: string;
  activationEvents: string[];
  contributes: {
    commands: { command: string; title: string; category: string }[];
    menus: Record<string, { command: string; submenu?: string; when?: string }[]>;
    keybindings: { command: string; key: string; mac: string; when?: string }[];
    submenus: { id: string; label: string }[];
    viewsContainers: { activitybar: { id: string; icon: string }[] };
    views: Record<string, { id: string }[]>;
    configuration: { properties: Record<string, { default: unknown; scope: string; markdownDescription: string }> };
    walkthroughs: { steps: { id: string; media: { svg: string }; completionEvents: string[] }[] }[];
  };
}

/** Pictures that move have the menu of images, and `.ts` is TypeScript here. */
const NO_FILM_NAMES: readonly VideoType[] = ['ts', 'gif', 'webp', 'png', 'avif'];

const manifest = JSON.parse(read('package.json')) as Manifest;
const english = JSON.parse(read('package.nls.json')) as Record<string, string>;
const { contributes } = manifest;
const commandIds = contributes.commands.map(({ command }) => command);

/** Names that others rely on, with their English titles: they may be added to, not changed. */
const PROMISED_COMMANDS: Record<string, string> = {
  'seedance.generateFromSelection': 'Generate from selection',
  'seedance.generate': 'Generate video…',
  'seedance.useAsFirstFrame': 'Use as first frame',
  'seedance.setApiKey': 'Set API key',
  'seedance.removeApiKey': 'Remove API key',
  'seedance.showBalance': 'Check API key and balance',
  'seedance.addTask': 'Add task by ID',
  'seedance.refresh': 'Refresh',
  'seedance.showLog': 'Show log',
  'seedance.compare': 'Compare',
  'seedance.newStoryboard': 'New storyboard',
  'seedance.task.preview': 'Preview',
  'seedance.task.save': 'Save to workspace',
  'seedance.task.saveAs': 'Save as…',
  'seedance.task.again': 'Generate again',
  'seedance.task.check': 'Check now',
  'seedance.task.copyPrompt': 'Copy prompt',
  'seedance.task.copyId': 'Copy task ID',
  'seedance.task.copyLink': 'Copy link',
  'seedance.task.reveal': 'Reveal in file explorer',
  'seedance.task.remove': 'Remove from list',
};

const PROMISED_SETTINGS: Record<string, [scope: string, value: unknown]> = {
  'seedance.apiBaseUrl': ['application', 'https://gptunnel.ru/v1'],
  'seedance.model': ['resource', 'seedance-1-pro-1080P-5s'],
  'seedance.aspectRatio': ['resource', '16:9'],
  'seedance.confirmAbove': ['window', 0],
  'seedance.saveFolder': ['resource', 'seedance'],
  'seedance.saveMetadata': ['resource', true],
  'seedance.keepLocalCopies': ['machine', true],
  'seedance.notifyWhenDone': ['window', true],
  'seedance.promptChecks': ['resource', true],
};

describe('package.json', () => {
  it('keeps the promised commands, with their titles', () => {
    const titles = new Map(contributes.commands.map(({ command, title }) => [command, english[title.slice(1, -1)]]));
    for (const [id, title] of Object.entries(PROMISED_COMMANDS)) {
      assert.equal(titles.get(id), title, id);
    }
  });

  it('keeps the promised settings, with scope and default', () => {
    for (const [key, [scope, value]] of Object.entries(PROMISED_SETTINGS)) {
      const setting = contributes.configuration.properties[key];
      assert.deepEqual({ scope: setting?.scope, default: setting?.default }, { scope, default: value }, key);
    }
  });

  it('keeps the promised views', () => {
    assert.equal(contributes.viewsContainers.activitybar[0]?.id, 'seedance');
    assert.deepEqual(
      contributes.views['seedance']?.map(({ id }) => id),
      [COMPOSER_VIEW, TASKS_VIEW, LAST_FRAME_VIEW],
    );
    assert.ok(manifest.activationEvents.includes('onWebviewPanel:seedance.preview'));
    assert.ok(manifest.activationEvents.includes('onWebviewPanel:seedance.compare'));
  });

  it('contributes exactly the commands that the code names and registers', () => {
    const named = Object.values(Commands).sort();
    assert.deepEqual([...commandIds].sort(), named);
    assert.deepEqual(Object.keys(COMMANDS).sort(), named);
    for (const [id, { run }] of Object.entries(COMMANDS)) {
      assert.equal(typeof run, 'function', id);
    }
  });

  it('files every command under Seedance', () => {
    assert.deepEqual(
      contributes.commands.filter(({ category }) => category !== 'Seedance'),
      [],
    );
  });

  it('has only its own commands in menus', () => {
    for (const [menu, items] of Object.entries(contributes.menus)) {
      assert.deepEqual(
        items
          .filter(({ command, submenu }) => submenu === undefined && !commandIds.includes(command))
          .map(({ command }) => `${menu}: ${command}`),
        [],
      );
    }
  });

  it('has the menu of a video file in the explorer and on its tab, with what can be done with it', () => {
    assert.deepEqual(
      contributes.submenus.map(({ id }) => id),
      ['seedance.videoFile'],
    );
    for (const menu of ['explorer/context', 'editor/title/context']) {
      const when = contributes.menus[menu]?.find(({ submenu }) => submenu === 'seedance.videoFile')?.when ?? '';
      const [, pattern = '', flags = ''] = /resourceExtname =~ \/(.*)\/(\w*)$/.exec(when) ?? [];
      const extension = new RegExp(pattern, flags);
      assert.deepEqual(
        ['.MP4', '.m4v', '.mp4x', '.json', ...VIDEO_TYPES.map((type) => `.${type}`), ''].filter((name) =>
          extension.test(name),
        ),
        ['.MP4', '.m4v', ...VIDEO_TYPES.filter((type) => !NO_FILM_NAMES.includes(type)).map((type) => `.${type}`)],
      );
    }
    assert.deepEqual(
      contributes.menus['seedance.videoFile']?.map(({ command }) => command),
      [
        Commands.preview,
        Commands.continueFromLastFrame,
        Commands.again,
        Commands.copyPrompt,
        Commands.copyMarkdown,
        Commands.insert,
        Commands.exportGif,
        Commands.exportFrames,
      ],
    );
  });

  it('tests rows for words that the view gives them', () => {
    for (const { command, when } of contributes.menus['view/item/context'] ?? []) {
      const patterns = [...(when ?? '').matchAll(/viewItem =~ \/(.*?)\//g)].map(([, pattern = '']) => pattern);
      // A row of several tasks begins with what it is.
      const isOfKind = patterns.some((pattern) => /^\^(?:film|shot|chain)\\b/.test(pattern));
      const words = patterns.flatMap((pattern) => [...pattern.matchAll(/(?<!\^)\\b(\w+)\\b/g)].map(([, word]) => word));
      assert.ok(words.length > 0 || isOfKind, `${command}: ${when}`);
      for (const word of words) {
        assert.ok((TASK_CAPABILITIES as readonly (string | undefined)[]).includes(word), `${command}: ${when}`);
      }
    }
  });

  it('offers images of all formats as first frames, whatever the case of their extension', () => {
    for (const menu of ['explorer/context', 'editor/title/context']) {
      const when = contributes.menus[menu]?.find(({ command }) => command === 'seedance.useAsFirstFrame')?.when ?? '';
      const [, pattern = '', flags = ''] = /resourceExtname =~ \/(.*)\/(\w*)$/.exec(when) ?? [];
      const extension = new RegExp(pattern, flags);
      for (const fit of [
        ...IMAGE_EXTENSIONS.map((name) => `.${name}`),
        '.PNG',
        '.JpeG',
        '.JPE',
        '.Jfif',
        '.TIF',
        '.HEIC',
      ]) {
        assert.match(fit, extension);
      }
      for (const unfit of ['.svg', '.pngx', '.mp4', 'png', '']) {
        assert.doesNotMatch(unfit, extension);
      }
    }
  });

  it('lets only a safe address through the settings editor', () => {
    const { pattern } = contributes.configuration.properties['seedance.apiBaseUrl'] as unknown as { pattern: string };
    const fits = (text: string) => new RegExp(pattern).test(text);
    assert.ok(
      ['https://gptunnel.ru/v1', 'http://localhost:8080/v1', 'http://127.0.0.1', 'http://[::1]:1/'].every(fits),
    );
    assert.ok(
      !['http://gptunnel.ru/v1', 'http://localhost.evil.org', 'http://127.0.0.1.evil.org/', 'ftp://x', ''].some(fits),
    );
  });

  it('has every picture that it names', () => {
    const pictures = [
      manifest.icon,
      ...contributes.viewsContainers.activitybar.map(({ icon }) => icon),
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg)),
    ];
    assert.deepEqual(
      pictures.filter((file) => !existsSync(path.join(ROOT, file))),
      [],
    );
  });

  it('has pictures in its walkthrough that are one <svg> each: VS Code moves every one of them to the middle of the page', () => {
    const files = contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ media }) => media.svg));
    const counts = files.map((file) => readFileSync(path.join(ROOT, file), 'utf8').match(/<svg/g)?.length);
    assert.deepEqual(
      counts,
      files.map(() => 1),
    );
  });

  it('ticks off steps of the walkthrough by what was done, and not by a click', () => {
    const steps = contributes.walkthroughs.flatMap(({ steps: own }) => own);
    assert.deepEqual(
      steps.map(({ id, completionEvents }) => [id, completionEvents]),
      [
        ['key', ['onContext:seedance.hasKey']],
        ['generate', ['onContext:seedance.hasOrdered']],
        ['watch', ['onContext:seedance.hasWatched']],
        ['save', ['onContext:seedance.hasSaved']],
        ['film', ['onContext:seedance.hasStoryboard']],
      ],
    );
  });

  it('binds chords that begin with a key that types nothing on any layout', () => {
    // Ctrl+Alt is AltGr on Windows, which types letters in Polish and signs in German.
    const chords = contributes.keybindings.filter(({ key }) => key?.includes(' '));
    for (const { command, key, mac } of chords) {
      assert.match(key, /^ctrl\+k alt\+[a-z]$/, command);
      assert.equal(mac, key.replace('ctrl', 'cmd'), command);
    }
    assert.deepEqual(
      [...new Set(chords.map(({ command, key }) => `${command} ${key}`))],
      [
        'seedance.generateFromSelection ctrl+k alt+g',
        'seedance.generateFromParagraph ctrl+k alt+g',
        'seedance.task.save ctrl+k alt+s',
        'seedance.findVideo ctrl+k alt+f',
      ],
    );
  });

  it('links only to commands that exist', () => {
    const linked = Object.values(english).flatMap((text) =>
      [...text.matchAll(/\(command:(seedance\.[\w.]+)/g)].map(([, id]) => id!),
    );
    assert.deepEqual(
      linked.filter((id) => !commandIds.includes(id) && id !== 'seedance.tasks.focus'),
      [],
    );
  });
});

describe('settings', () => {
  it('have the same defaults in the code', () => {
    const defaults = (key: string) => contributes.configuration.properties[`seedance.${key}`]?.default;
    assert.deepEqual(parseSettings(defaults), DEFAULT_SETTINGS);
    assert.deepEqual(
      parseSettings(() => undefined),
      DEFAULT_SETTINGS,
    );
  });

  it('fall back where the user wrote something else', () => {
    for (const wrong of [null, 1, -1, '', ' ', [], {}, '4:3', NaN]) {
      const settings = parseSettings(() => wrong);
      assert.equal(settings.aspectRatio, '16:9');
      assert.equal(settings.saveMetadata, true);
      assert.ok(settings.model.length > 0);
    }
  });
});
