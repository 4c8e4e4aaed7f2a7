/** What the host suite's starter tells its other half inside VS Code. */
export interface HostJob {
  /** The bundled test files. */
  readonly files: readonly string[];
  /** Where the counts go. */
  readonly results: string;
  readonly options: { readonly grep?: string };
}

/** The environment variable that carries the job as JSON. */
export const HOST_JOB_VARIABLE = 'SEEDANCE_HOST_JOB';

/** The environment variable with the port where the tests wait for a debugger: see .vscode/launch.json. */
export const INSPECT_VARIABLE = 'SEEDANCE_INSPECT';

/** The environment variable that says where the emulated service is controlled. */
export const GATEWAY_VARIABLE = 'SEEDANCE_GATEWAY_CONTROL';

/** Begins each line that a test or the report prints, to tell it from what VS Code logs; nobody sees it. */
export const PRINTED = '\u2063';
