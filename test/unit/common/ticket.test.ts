import assert from 'node:assert/strict';
import { redact } from '../../../src/common/redact';
import { isTicket, stripForPublication, stripTicket } from '../../../src/common/ticket';

const PAGE = 'https://files.example/a/cat.png';

/** What stores, networks and logins put into links. */
const TICKETS = [
  '?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc',
  '?x-goog-signature=abc',
  '?x-oss-process=style&OSSAccessKeyId=LTAI&Signature=x',
  '?q-sign-algorithm=sha1&q-ak=AKID',
  '?AWSAccessKeyId=AKIA&Expires=1&Signature=x',
  '?GoogleAccessId=a@b&Expires=1',
  '?sv=2022-11-02&st=2026-01-01&se=2026-01-02&sr=b&sp=r&sig=x',
  '?st=2026-01-01T00%3A00%3A00Z',
  '?api_key=k1',
  '?apikey=k1',
  '?api-key=k1',
  '?key=k1',
  '?jwt=x',
  '?secret=x',
  '?client_secret=x',
  '?access_token=x',
  '?token=x',
  '?t=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  '?password=x',
  '?pwd=x',
  '?PHPSESSID=abc',
  '?sessionid=abc',
  '?sid=abc',
  '?auth=abc',
  '?authkey=abc',
  '?hdnea=exp=1~acl=/*~hmac=x',
  '?__gda__=1_x',
  '?ex=65f&is=65e&hm=abc',
  '?oh=00_Af&oe=66',
  '?Policy=x&Key-Pair-Id=y',
  '?expires=1&hash=abc',
  '?code=123456',
  '?d=a8F3kL9x2QpZ7vB1nM4c',
  '?id=3f2A9bC81d7E4f60a5B2c9D8',
  '#access_token=x',
  '#/view?token=x',
];

describe('links that are tickets', () => {
  for (const query of TICKETS) {
    it(`are seen by ${query.slice(0, 40)}, and nothing of it is kept, published or logged`, () => {
      const link = `${PAGE}${query}`;
      assert.ok(isTicket(link));
      assert.equal(stripTicket(link), PAGE);
      assert.equal(stripForPublication(link), PAGE);
      const line = redact(`failed: ${link} at once`);
      assert.ok(line.startsWith(`failed: ${PAGE}`) && !line.includes(query.slice(1)), line);
    });
  }

  it('are those with a password in them', () => {
    const link = 'https://anna:horse@files.example/cat.png';
    assert.equal(stripTicket(link), 'https://files.example/cat.png');
    assert.equal(stripForPublication(link), 'https://files.example/cat.png');
    assert.ok(!redact(`see ${link}`).includes('horse'));
  });

  it('are not those that only say what is shown', () => {
    for (const query of [
      '?id=42',
      '?w=1280&h=720&fit=crop&fm=webp',
      '?file=holiday-2024-06-01.png',
      '?v=2',
      '?raw=1',
    ]) {
      const link = `${PAGE}${query}`;
      assert.ok(!isTicket(link), link);
      assert.equal(stripForPublication(link), link);
    }
  });

  it('are published without any query that is not known to be harmless', () => {
    assert.equal(stripForPublication(`${PAGE}?room=kitchen`), PAGE);
    assert.equal(stripTicket(`${PAGE}?room=kitchen`), `${PAGE}?room=kitchen`, 'the list of the user keeps it');
    assert.equal(stripForPublication(`${PAGE}#top`), PAGE);
    assert.equal(stripForPublication('file:///x?token=1'), 'file:///x?token=1');
  });
});

describe('the log', () => {
  for (const text of [
    'api_key=MARKED-1234',
    '"client_secret": "MARKED-1234"',
    'jwt: MARKED-1234',
    'password=MARKED-1234&x=1',
    "'access_token'='MARKED-1234'",
    'X-Api-Key: MARKED-1234',
  ]) {
    it(`hides the value of ${text.split(/[=:]/)[0]!}`, () =>
      assert.ok(!redact(`a ${text} b`).includes('MARKED'), redact(text)));
  }
});
