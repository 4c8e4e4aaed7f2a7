import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { findPublishedCommits } from '../../../../src/images/published/gitObjects';
import { findPublishedUrl } from '../../../../src/images/published/publishedUrl';
import { KNOWN_RAW_URLS, getRawUrl } from '../../../../src/images/published/rawUrls';
import { createResolver, readSshHosts } from '../../../../src/images/published/sshHosts';
import { startRawFiles } from '../../../emulator/rawFiles';
import type { WebServer } from '../../../emulator/web';
import { imageOf, createTestDeliveryContext } from '../../../support/delivery';
import { png } from '../../../support/imageHeaders';
import { makeTempDir, removeTempDir } from '../../../support/tempDir';

const PNG = png(640, 360);
const NAME = 'Кот на #крыше 100%.png';

describe('frames: an image that is pushed to a public repository', () => {
  let place: string;
  let work: string;
  let raw: WebServer & { isPublic: boolean };

  const git = async (...args: string[]) =>
    (
      await promisify(execFile)(
        'git',
        ['-c', 'user.name=A', '-c', 'user.email=a@example.org', '-c', 'init.defaultBranch=main', '-C', work, ...args],
        { timeout: 10_000 },
      )
    ).stdout.trim();
  const file = () => path.join(work, 'кадры', NAME);
  const commit = async () => {
    await git('add', '-A');
    await git('commit', '-q', '-m', 'An image');
  };

  beforeEach(async function () {
    this.timeout(20_000);
    place = await makeTempDir();
    work = path.join(place, 'work');
    const remote = path.join(place, 'remotes', 'anna', 'films.git');
    await mkdir(path.join(work, 'кадры'), { recursive: true });
    await mkdir(remote, { recursive: true });
    await promisify(execFile)('git', ['init', '-q', '--bare', remote]);
    await git('init', '-q');
    await git('remote', 'add', 'origin', remote);
    await writeFile(file(), PNG);
    await commit();
    await git('push', '-q', 'origin', 'main');
    raw = await startRawFiles(path.join(place, 'remotes'));
  });

  afterEach(async () => {
    await raw.close();
    await removeTempDir(place);
  });

  const rawLinks = () => ({
    [`${path.join(place, 'remotes')}/`]: `${raw.url}/{owner}/{repo}/raw/commit/{commit}/{path}`,
  });
  const find = async (at = file()) =>
    findPublishedUrl(imageOf(await readFile(at)), at, 'git', rawLinks(), createTestDeliveryContext());

  it('is found, at a commit, and is this very image', async () => {
    const link = await find();
    assert.equal(
      link,
      `${raw.url}/anna/films/raw/commit/${await git('rev-parse', 'HEAD')}/${encodeURIComponent('кадры')}/${encodeURIComponent(NAME)}`,
    );
    assert.deepEqual(
      raw.seen.map(({ method, headers }) => [method, headers.authorization]),
      [['GET', undefined]],
    );
    const answer = await fetch(link);
    assert.deepEqual(Buffer.from(await answer.arrayBuffer()), Buffer.from(PNG));
  });

  it('is found although other work is not pushed yet', async () => {
    await writeFile(path.join(work, 'notes.txt'), 'later');
    await commit();
    assert.match((await find()) ?? '', new RegExp(await git('rev-parse', 'HEAD~1')));
  });

  it('is not found when it was changed, is not pushed, or not committed', async () => {
    await writeFile(file(), png(641, 360));
    assert.equal(await find(), undefined, 'changed');
    await commit();
    assert.equal(await find(), undefined, 'not pushed');
    const untracked = path.join(work, 'new.png');
    await writeFile(untracked, png(500, 500));
    assert.equal(await find(untracked), undefined, 'not committed');
    assert.deepEqual(raw.seen, [], 'nobody was asked');
    const outside = path.join(place, 'outside.png');
    await writeFile(outside, PNG);
    assert.equal(await find(outside), undefined, 'no repository');
  });

  it('is not found in a private repository, nor where something else is served', async () => {
    raw.isPublic = false;
    assert.equal(await find(), undefined);
    assert.equal(raw.seen.length, 1);
  });

  it('takes no pointer of Git LFS for the image', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize ${PNG.length}\n`;
    await writeFile(file(), pointer);
    await commit();
    await git('push', '-q', 'origin', 'main');
    await writeFile(file(), PNG);
    assert.equal(await find(), undefined);
  });

  it('follows a link to where it leads', async () => {
    const outside = path.join(place, 'secret.png');
    await writeFile(outside, png(700, 700));
    await symlink(outside, path.join(work, 'out.png'));
    await symlink(file(), path.join(work, 'in.png'));
    await commit();
    await git('push', '-q', 'origin', 'main');
    assert.equal(await find(path.join(work, 'out.png')), undefined);
    assert.match((await find(path.join(work, 'in.png'))) ?? '', /%23/);
  });

  it('runs no program that a hostile repository names', async () => {
    const trap = path.join(place, 'trap.sh');
    const mark = path.join(place, 'sprung');
    await writeFile(trap, `#!/bin/sh\ntouch '${mark}'\ncat\n`);
    await chmod(trap, 0o755);
    await writeFile(path.join(work, '.gitattributes'), '*.png filter=trap diff=trap\n');
    await commit();
    await git('push', '-q', 'origin', 'main');
    // The trap is sound: what a careless caller does springs it.
    await git('config', 'filter.trap.clean', trap);
    await git('hash-object', file());
    assert.ok(existsSync(mark));
    await rm(mark);
    for (const [key, value] of [
      ['core.fsmonitor', trap],
      ['core.hooksPath', place],
      ['core.sshCommand', trap],
      ['core.pager', trap],
      ['core.editor', trap],
      ['core.askPass', trap],
      ['core.alternateRefsCommand', trap],
      ['core.gitProxy', trap],
      ['credential.helper', `!${trap}`],
      ['diff.external', trap],
      ['diff.trap.textconv', trap],
      ['diff.trap.command', trap],
      ['filter.trap.smudge', trap],
      ['gpg.program', trap],
      ['log.showSignature', 'true'],
      ['alias.ls-tree', `!${trap}`],
      ['alias.cat-file', `!${trap}`],
      ['pager.for-each-ref', trap],
      ['remote.evil.url', `ext::${trap}`],
      ['remote.evil.promisor', 'true'],
      ['remote.evil.partialCloneFilter', 'blob:none'],
      ['extensions.partialClone', 'evil'],
      ['uploadpack.packObjectsHook', trap],
      ['protocol.ext.allow', 'always'],
    ] as const) {
      await git('config', key, value);
    }
    // A missing object that git would fetch from the promised remote.
    await writeFile(path.join(work, '.git', 'refs', 'remotes', 'origin', 'lost'), `${'12'.repeat(20)}\n`);
    for (const hook of ['post-index-change', 'reference-transaction', 'fsmonitor-watchman']) {
      await writeFile(path.join(work, '.git', 'hooks', hook), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 });
    }
    await find();
    assert.ok(!existsSync(mark));
  });

  it('is not found without git', async () => {
    assert.deepEqual(await findPublishedCommits(file(), PNG, path.join(place, 'no-git')), []);
  });
});

describe('frames: raw links', () => {
  const base = new URL('https://gptunnel.ru/v1');
  const link = (remote: string, table = KNOWN_RAW_URLS) => getRawUrl(remote, 'c0ffee', 'a b/кот.png', table, base);

  it('let no remote say which host is asked', () => {
    const table = { 'https://git.example/': 'https://{owner}.pages.example/{repo}/{path}' };
    assert.match(link('https://git.example/anna/films', table) ?? '', /^https:\/\/anna\.pages\.example\/films\//);
    for (const owner of ['evil.example/x', 'evil.example%2f', 'a@evil.example', 'evil.example:8443']) {
      assert.equal(link(`https://git.example/${owner}/films`, table), undefined, owner);
    }
  });
  const end = 'a%20b/%D0%BA%D0%BE%D1%82.png';

  it('know the hosts, in every form of a remote', () => {
    const github = `https://raw.githubusercontent.com/anna/films/c0ffee/${end}`;
    for (const remote of [
      'https://github.com/anna/films',
      'https://github.com/anna/films.git',
      'https://anna:token@github.com/anna/films.git/',
      'git@github.com:anna/films.git',
      'ssh://git@github.com/anna/films.git',
      'ssh://git@github.com:22/anna/films',
      'git://github.com/anna/films.git',
      'github.com:anna/films',
      'GIT@GitHub.com:anna/films.git',
    ]) {
      assert.equal(link(remote), github, remote);
    }
    assert.equal(
      link('git@gitlab.com:studio/team/films.git'),
      `https://gitlab.com/studio/team/films/-/raw/c0ffee/${end}`,
    );
    assert.equal(
      link('https://codeberg.org/anna/films.js.git'),
      `https://codeberg.org/anna/films.js/raw/commit/c0ffee/${end}`,
    );
    assert.equal(
      link('ssh://git@gitverse.ru:2222/anna/films.git'),
      `https://gitverse.ru/api/repos/anna/films/raw/commit/c0ffee/${end}`,
    );
  });

  it('know the names from the files that the configuration of ssh includes, and those that match by name alone', async () => {
    const folder = await makeTempDir();
    try {
      const write = (name: string, ...lines: string[]) => writeFile(path.join(folder, name), lines.join('\n'));
      await mkdir(path.join(folder, 'Work.d'));
      await write('Work.d/One.conf', 'Host one', ' HostName one.example');
      await write('Work.d/two.conf', 'Include loop', 'Host two', ' HostName two.example');
      await write('Work.d/.hidden.conf', 'Host hidden', ' HostName hidden.example');
      await write('Work.d/note.txt', 'Host note', ' HostName note.example');
      await write('loop', 'Include loop config', 'Host loop', ' HostName loop.example');
      await write('for three', 'HostName three.example', 'Host four', ' HostName four.example');
      await write(
        'config',
        'Include Work.d/*.conf missing missing/*',
        'Host three',
        '  include "for three"',
        '  User git',
        'Match host five,six*',
        '  HostName five.example',
        'Match host seven user anna',
        '  HostName wrong.example',
        'Match originalhost eight',
        '  HostName eight.example',
        `Include ${path.join(folder, 'Work.d', 'One.c?nf')}`,
        'Match all',
        '  Include late',
      );
      await write('late', 'HostName all.example');
      const resolve = await readSshHosts(path.join(folder, 'config'));
      const names = 'one two three five sixty eight loop'.split(' ');
      assert.deepEqual(
        names.map(resolve),
        names.map((name) => `${name === 'sixty' ? 'five' : name}.example`),
      );
      for (const name of ['four', 'hidden', 'note', 'seven']) assert.equal(resolve(name), 'all.example', name);
      assert.equal((await readSshHosts(path.join(folder, 'none')))('one'), 'one');
      assert.equal((await readSshHosts(folder))('one'), 'one', 'a folder is no file');
    } finally {
      await removeTempDir(folder);
    }
  });

  it('know the names and ports that only ssh knows', () => {
    const resolve = createResolver(
      [
        '# mine',
        'Host office gh-*',
        '  HostName github.com',
        '  User git',
        'Host "studio" !other',
        'HostName = GitLab.com',
        'Match exec "touch /tmp/x"',
        'HostName evil.example',
        'Host *',
        '  HostName %h',
      ].join('\n'),
    );
    const byAlias = (remote: string) => getRawUrl(remote, 'c0ffee', 'a.png', KNOWN_RAW_URLS, base, resolve);
    const github = 'https://raw.githubusercontent.com/anna/films/c0ffee/a.png';
    for (const remote of [
      'git@office:anna/films.git',
      'office:anna/films',
      'ssh://git@gh-anna:2222/anna/films.git',
      'git@GH-anna:anna/films.git',
      'ssh://git@ssh.github.com:443/anna/films.git',
      '[git@office:2222]:anna/films.git',
      'git@github.com:anna/films.git',
    ]) {
      assert.equal(byAlias(remote), github, remote);
    }
    assert.equal(byAlias('git@studio:anna/films.git'), 'https://gitlab.com/anna/films/-/raw/c0ffee/a.png');
    assert.match(byAlias('ssh://git@altssh.gitlab.com:443/anna/films.git') ?? '', /^https:\/\/gitlab\.com\//);
    assert.equal(byAlias('git@unknown:anna/films.git'), undefined);
    // An alias is of ssh alone.
    assert.equal(byAlias('https://office/anna/films.git'), undefined);
  });

  it('look at no remote that is longer than an address', () => {
    const remote = (chars: number) =>
      `https://github.com/anna/${'f'.repeat(chars - 'https://github.com/anna/'.length)}`;
    assert.deepEqual(
      [2_048, 2_049].map((chars) => link(remote(chars)) !== undefined),
      [true, false],
    );
  });

  it('know no others', () => {
    for (const remote of [
      'https://github.com.evil.example/anna/films',
      'https://example.org/github.com/anna/films',
      '/srv/git/films.git',
      'ext::sh -c touch',
      '',
      'git@github.com:films',
      'https://github.com/',
    ]) {
      assert.equal(link(remote), undefined, remote);
    }
  });

  it('can be told of more, which stay on https', () => {
    const table = {
      ...KNOWN_RAW_URLS,
      'https://git.example.org/': 'https://git.example.org/{owner}/{repo}/raw/commit/{commit}/{path}',
    };
    assert.equal(
      link('git@git.example.org:anna/films.git', table),
      `https://git.example.org/anna/films/raw/commit/c0ffee/${end}`,
    );
    assert.equal(
      link('https://git.example.org/anna/films', { 'https://git.example.org/': 'http://git.example.org/{path}' }),
      undefined,
    );
    assert.equal(link('https://git.example.org/anna/films', { '': 'https://git.example.org/{path}' }), undefined);
  });
});
