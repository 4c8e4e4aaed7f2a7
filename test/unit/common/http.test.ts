import assert from 'node:assert/strict';
import { Response } from 'node-fetch';
import { followRedirects, readBody, RedirectError, type Fetch } from '../../../src/common/http';

const redirectTo = (location: string) => new Response('moved', { status: 302, headers: { location } });
const start = new URL('https://a.test/0');

/** Answers in turn, and notes the URLs that were requested. */
function fetchInTurn(...responses: Response[]): { fetch: Fetch; urls: string[] } {
  const urls: string[] = [];
  return {
    urls,
    fetch: (url) => {
      urls.push(url);
      return Promise.resolve(responses[urls.length - 1]!);
    },
  };
}

describe('redirects', () => {
  it('are followed, also to relative locations', async () => {
    const { fetch, urls } = fetchInTurn(redirectTo('/1'), redirectTo('https://b.test/2'), new Response('here'));
    const response = await followRedirects(fetch, start, {}, () => true, 5);
    assert.equal(await response.text(), 'here');
    assert.deepEqual(urls, ['https://a.test/0', 'https://a.test/1', 'https://b.test/2']);
  });

  it('are not followed where the caller does not allow it', async () => {
    const { fetch, urls } = fetchInTurn(redirectTo('https://b.test/'), new Response('there'));
    const following = followRedirects(fetch, start, {}, (target, from) => target.origin === from.origin, 5);
    await assert.rejects(following, (error) => error instanceof RedirectError && error.status === 302);
    assert.deepEqual(urls, [start.href]);
  });

  it('are followed as often as allowed, and no more', async () => {
    const chain = () => [redirectTo('/1'), redirectTo('/2'), new Response('here')];
    assert.equal((await followRedirects(fetchInTurn(...chain()).fetch, start, {}, () => true, 2)).status, 200);
    await assert.rejects(
      followRedirects(fetchInTurn(...chain()).fetch, start, {}, () => true, 1),
      RedirectError,
    );
  });

  it('that lead to no URL are refused', async () => {
    await assert.rejects(
      followRedirects(fetchInTurn(redirectTo('https://')).fetch, start, {}, () => true, 5),
      RedirectError,
    );
  });

  it('without a location are responses like others', async () => {
    const { fetch } = fetchInTurn(new Response('', { status: 304 }));
    assert.equal((await followRedirects(fetch, start, {}, () => true, 5)).status, 304);
  });
});

describe('a body', () => {
  it('is read up to its limit', async () => {
    assert.equal((await readBody(new Response('12345'), 5))?.toString(), '12345');
    assert.equal((await readBody(new Response(null), 5))?.length, 0);
  });

  it('that is longer is not kept', async () => {
    const response = new Response('123456');
    assert.equal(await readBody(response, 5), undefined);
  });
});
