import { RemoteEmulator } from '../emulator/remote';
import { GATEWAY_VARIABLE } from './job';

/** The emulated service of the host suite. It runs outside VS Code; `seedance.apiBaseUrl` points at it. */
export const service = new RemoteEmulator(process.env[GATEWAY_VARIABLE] ?? '');
