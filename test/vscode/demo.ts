// npm run demo [-- --once]
// The whole of Seedance without an account: the emulated service, a real VS Code with the packaged extension,
// and a workspace with prompts and a film of four shots, three of which are done. A window is left to the user; with --once the main job is done without one,
// and succeeds only if the video that it saved is a video.
import { parseArgs } from 'node:util';
import { startEmulator, type Emulator } from '../emulator/emulator';
import { packagedExtension } from './artefact';
import { lastingProfile } from './browser';
import { openOnDesktop } from './desktop';
import { serverRunsHere } from './install';
import { runMainJob, setKey } from './mainJob';
import { FILM_FILE, PROMPTS_FILE, writeSample } from './sample';
import { Sandbox } from './sandbox';
import { installExtension, Server } from './server';
import { exitOnSignals } from './signals';
import { Workbench } from './workbench';

const {
  values: { once },
} = parseArgs({ options: { once: { type: 'boolean', default: false } } });

exitOnSignals();
const sandbox = new Sandbox();
const emulator = await startEmulator({
  account: { balance: 10_000 },
  durations: once ? 6_000 : { medianMs: 20_000, sigma: 0.25 },
  video: 'real', // drawn for each prompt
});
try {
  const folder = sandbox.folder('demo');
  // A window is in the language of the system.
  await writeSample(folder, /^ru\b/i.test(new Intl.DateTimeFormat().resolvedOptions().locale) ? 'ru' : 'en');
  sandbox.changeSettings({ 'seedance.apiBaseUrl': emulator.baseUrl });
  if (!once && !serverRunsHere()) {
    tellKey(emulator);
    await openOnDesktop(sandbox, packagedExtension(), folder, [PROMPTS_FILE, FILM_FILE]);
  } else {
    await installExtension(sandbox, packagedExtension());
    const server = await Server.start(sandbox);
    try {
      if (once) await runMainJob(server, emulator, folder);
      else if (hasDisplay()) await leaveWindow(server, folder);
      else await leaveAddress(server, folder);
    } finally {
      await server.stop();
    }
  }
} finally {
  await emulator.close();
  sandbox.remove();
}

/** Opens a window with the key set, and waits until the user closes it. */
async function leaveWindow(server: Server, folder: string): Promise<void> {
  const profile = await lastingProfile(sandbox.folder('profile'), { headed: true });
  const [blank] = profile.pages();
  const workbench = await Workbench.open(profile, server, folder);
  await blank?.close();
  await setKey(workbench, emulator);
  await workbench.openContainer('Seedance');
  await workbench.openFile(PROMPTS_FILE);
  await workbench.openFile(FILM_FILE);
  console.log(
    `The key is set. ${FILM_FILE} is a film with one shot to be generated. In ${PROMPTS_FILE} select a prompt and run "Seedance: Generate from selection". Closing the window ends the demo and throws its workspace away.`,
  );
  await new Promise((closed) => profile.once('close', closed));
}

/** There is no screen here: the user opens the address elsewhere, and Ctrl-C ends the demo. */
async function leaveAddress(server: Server, folder: string): Promise<void> {
  console.log(
    `Open ${server.addressOf(folder)} in Chromium, Chrome or Edge. Ctrl-C ends the demo and throws its workspace away.`,
  );
  tellKey(emulator);
  await new Promise<never>(() => undefined);
}

/** The key lives in the secret storage of a browser or a VS Code that only the user can reach. */
function tellKey({ key }: Emulator): void {
  console.log(`Run "Seedance: Set API key" and paste: ${key}`);
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}
