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
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env });
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'curl'], { stdio: 'ignore', env });
}
