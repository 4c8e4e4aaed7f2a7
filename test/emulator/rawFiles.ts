/** The raw files of bare git repositories on disk, as hosts of public repositories give them out. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { startWebServer, type WebServer } from './web';

const MAX_BYTES = 64 * 1024 * 1024;

/** @param folder holds OWNER/REPO.git; read at `/OWNER/REPO/raw/commit/COMMIT/PATH` */
export async function startRawFiles(folder: string): Promise<WebServer & { isPublic: boolean }> {
  const server = await startWebServer(async ({ url }) => {
    const [, owner, repo, commit, file] = /^\/([^/]+)\/([^/]+)\/raw\/commit\/([0-9a-f]+)\/(.+)$/.exec(url) ?? [];
    if (!host.isPublic || owner === undefined || repo === undefined || file === undefined) {
      return { status: 404, body: 'Not found' };
    }
    const object = `${commit}:${file.split('/').map(decodeURIComponent).join('/')}`;
    try {
      const { stdout } = await promisify(execFile)(
        'git',
        ['-C', path.join(folder, owner, `${repo}.git`), 'cat-file', 'blob', object],
        {
          encoding: 'buffer',
          maxBuffer: MAX_BYTES,
        },
      );
      return { headers: { 'content-type': 'image/png' }, body: stdout };
    } catch {
      return { status: 404, body: 'Not found' };
    }
  });
  const host = Object.assign(server, { isPublic: true });
  return host;
}
