import assert from 'node:assert/strict';
import nodeFetch from 'node-fetch';
import { createGuardedFetch, isPrivateHost, leadsToPublicAddress } from '../../../src/common/address';
import { followRedirects, type Fetch } from '../../../src/common/http';
import { StubServer } from '../../support/stubServer';

const FAR = new URL('https://gptunnel.ru/v1');

/** One address of this computer or its network, in all the ways in which a URL can write it. */
function spellings(ip: string): string[] {
  const [a, b, c, d] = ip.split('.').map(Number) as [number, number, number, number];
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number, digits = 2) => value.toString(16).padStart(digits, '0');
  const low = `${hex(a * 256 + b, 4)}:${hex(c * 256 + d, 4)}`;
  return [
    ip,
    `${ip}.`,
    String(number),
    `0x${number.toString(16)}`,
    `0${number.toString(8)}`,
    [a, b, c, d].map((part) => `0x${part.toString(16)}`).join('.'),
    [a, b, c, d].map((part) => `0${part.toString(8)}`).join('.'),
    `${a}.${(b * 256 + c) * 256 + d}`,
    ip.replaceAll('.', '\u3002'),
    [...ip].map((char) => (/\d/.test(char) ? String.fromCodePoint(0xff10 + Number(char)) : char)).join(''),
    `[::ffff:${ip}]`,
    `[0:0:0:0:0:FFFF:${low}]`,
    `[::${low}]`,
    `[64:ff9b::${low}]`,
    `[2002:${low}::]`,
  ];
}

describe('addresses that may be asked', () => {
  const inside = [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.127.255.254',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.254',
    '192.168.0.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
  ];
  for (const ip of inside) {
    it(`are not ${ip}, however it is written`, () => {
      for (const host of spellings(ip)) {
        const url = new URL(`http://${host}/`);
        assert.ok(isPrivateHost(url.hostname), `${host} → ${url.hostname}`);
      }
    });
  }

  it('are those next to the private ones, however they are written', () => {
    const outside = [
      '9.255.255.255',
      '11.0.0.0',
      '100.63.255.255',
      '100.128.0.0',
      '172.15.0.1',
      '172.32.0.1',
      '192.167.1.1',
    ];
    for (const host of outside.flatMap((ip) => spellings(ip).filter((text) => !text.startsWith('[::')))) {
      assert.ok(!isPrivateHost(new URL(`http://${host}/`).hostname), host);
    }
    assert.ok(!isPrivateHost(new URL('http://[2606:2800:220:1::1]/').hostname));
  });

  it('are no names of this computer or its network', () => {
    const names = ['localhost', 'LOCALHOST.', 'a.localhost', 'localhost.localdomain', 'nas', 'router.lan', 'x.local.'];
    const more = [
      'db.internal',
      'fritz.box.home.arpa',
      'wiki.corp',
      '[::1]',
      '[::]',
      '[fe80::1]',
      '[fd12::1]',
      '[ff02::1]',
    ];
    for (const host of [...names, ...more]) {
      assert.ok(isPrivateHost(new URL(`http://${host}/`).hostname), host);
    }
    for (const host of [
      'localhost.example',
      '10.example',
      'local.example',
      'lan.example.com',
      'xn--e1afmkfd.xn--p1ai',
    ]) {
      assert.ok(!isPrivateHost(new URL(`http://${host}/`).hostname), host);
    }
  });

  it('are no public names that lead to one of them', async () => {
    const leads = (...addresses: string[]) =>
      leadsToPublicAddress(new URL('https://rebound.example/x'), FAR, () => Promise.resolve(addresses));
    for (const address of [
      '127.0.0.1',
      '10.0.0.1',
      '::1',
      '::ffff:192.168.0.1',
      'fe80::1%eth0',
      'fd00::1',
      '0.0.0.0',
    ]) {
      assert.equal(await leads('93.184.216.34', address), false, address);
    }
    assert.equal(await leads('93.184.216.34', '2606:2800:220:1::1', '64:ff9b::5db8:d822'), true);
    assert.equal(await leads('198.18.0.5', 'fc00::5'), true, 'a VPN answers like this for every name');
  });

  it('are names that only a proxy knows, or that nobody knows', async () => {
    const lookUp = () => Promise.reject(new Error('ENOTFOUND'));
    assert.equal(await leadsToPublicAddress(new URL('https://files.example/x'), FAR, lookUp), true);
  });

  it('are on the host of the service itself, wherever that is, and nowhere else beside it', async () => {
    const lookUp = () => assert.fail('nothing to look up');
    const near = new URL('http://127.0.0.1:8080/v1');
    assert.equal(await leadsToPublicAddress(new URL('http://127.0.0.1:9000/x'), near, lookUp), true);
    assert.equal(await leadsToPublicAddress(new URL('http://localhost:9000/x'), near, lookUp), false);
    assert.equal(await leadsToPublicAddress(new URL('http://192.168.0.1/x'), near, lookUp), false);
  });

  it('are all that a guarded fetch asks, also behind a redirect', async () => {
    const server = await new StubServer().open();
    try {
      const asked: string[] = [];
      const fetch: Fetch = (url, init) => {
        asked.push(url);
        // The first host is far away; only what it answers is real.
        return nodeFetch(url.replace('https://files.example', server.origin), init);
      };
      const guarded = createGuardedFetch(
        fetch,
        () => FAR,
        () => Promise.resolve(['93.184.216.34']),
      );
      server.script = (_heard, response) => response.writeHead(302, { location: `${server.origin}/admin` }).end();
      await assert.rejects(
        followRedirects(guarded, new URL('https://files.example/v.mp4'), {}, () => true, 5),
        { name: 'PrivateAddressError' },
      );
      assert.deepEqual(asked, ['https://files.example/v.mp4']);
      await assert.rejects(guarded(`${server.origin}/admin`), { name: 'PrivateAddressError' });
      assert.equal(asked.length, 1);
    } finally {
      await server.close();
    }
  });
});
