// Installs VS Code's server and a browser unless they are there, or says in one line what is missing. With
// --or-desktop, a machine that the server does not run on is left to its desktop VS Code.
import { provideChromium } from './chromium';
import { installVsCode, serverRunsHere } from './install';

if (serverRunsHere() || !process.argv.includes('--or-desktop')) {
  try {
    installVsCode();
    provideChromium();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
