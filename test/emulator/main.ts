// Starts an emulator for use by hand or by a script.
import { parseArgs } from 'node:util';
import { startEmulator } from './emulator';

const HELP = `Usage: npx tsx test/emulator/main.ts [options]

  --port N          port of the API (default: any free one)
  --files-port N    port of the result files
  --control-port N  port of the controls
  --key KEY         accepted API key
  --balance N       roubles on the account
  --median-ms N     median duration of a task
  --video KIND      real (drawn for each prompt, the default) or tiny
  --json            say where it listens as one line of JSON, for scripts
`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'files-port': { type: 'string', default: '0' },
    'control-port': { type: 'string', default: '0' },
    key: { type: 'string' },
    balance: { type: 'string', default: '10000' },
    'median-ms': { type: 'string', default: '8000' },
    video: { type: 'string', default: 'real' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const emulator = await startEmulator({
    port: Number(values.port),
    filesPort: Number(values['files-port']),
    controlPort: Number(values['control-port']),
    ...(values.key !== undefined && { key: values.key }),
    account: { balance: Number(values.balance) },
    durations: { medianMs: Number(values['median-ms']), sigma: 0.25 },
    video: values.video === 'tiny' ? 'tiny' : 'real',
  });
  const { baseUrl, key, filesUrl, controlUrl } = emulator;
  console.log(
    values.json
      ? JSON.stringify({ baseUrl, key, filesUrl, controlUrl })
      : `Base URL  ${baseUrl}\nAPI key   ${key}\nFiles     ${filesUrl}\nControl   ${controlUrl}`,
  );
}
