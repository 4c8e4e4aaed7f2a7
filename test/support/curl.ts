import { execFileSync } from 'node:child_process';

/** Makes sure that there is a curl, the judge of downloads. As root on Debian or Ubuntu it is installed, once. */
export function provideCurl(): void {
  const isThere = () => {
    try {
      execFileSync('curl', ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  if (isThere()) {
    return;
  }
  if (process.getuid?.() !== 0) {
    throw new Error('No curl found: install it.');
  }
  console.log('Installing curl with apt-get, once…');
  // As a variable, because not every system that the tests run on has it.
  const installer = 'apt-get';
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync(installer, ['update', '-qq'], { stdio: 'ignore', env });
  execFileSync(installer, ['install', '-y', '-qq', '--no-install-recommends', 'curl'], { stdio: 'ignore', env });
}
