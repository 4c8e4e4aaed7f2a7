// A worker does not inherit the loader that lets Node read TypeScript, so it starts here.
import { register } from 'tsx/esm/api';

register();
await import('./worker.ts');
