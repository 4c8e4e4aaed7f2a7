import { RemoteEmulator } from '../emulator/remote';
import { GATEWAY_VARIABLE } from './job';

/** The emulated gateway of the host suite. It runs outside VS Code; `seedance.apiBaseUrl` points at it. */
export const gateway = new RemoteEmulator(process.env[GATEWAY_VARIABLE] ?? '');
