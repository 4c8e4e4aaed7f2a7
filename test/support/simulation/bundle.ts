import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { bundle } from '../bundle';

/** Puts the machine of the simulation under the core: its disk in place of Node's. */
const onTheMachine: Plugin = {
  name: 'on-the-machine',
  setup(build) {
    build.onResolve({ filter: /^node:(fs|fs\/promises|os)$/ }, ({ importer }) =>
      /[\\/]src[\\/](api|common|tasks)[\\/]/.test(importer)
        ? { path: join(import.meta.dirname, 'nodeFs.ts') }
        : undefined,
    );
  },
};

export function bundleSimulation(): Promise<string> {
  return bundle('simulationProcess', [onTheMachine]);
}
