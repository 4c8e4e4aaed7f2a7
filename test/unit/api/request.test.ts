import assert from 'node:assert/strict';
import { FetchError } from 'node-fetch';
import { parseResultUrl } from '../../../src/common/link';
import { parseBaseUrl } from '../../../src/common/url';
import {
  getChargeRisk,
  ApiError,
  getKindForCode,
  getKindForStatus,
  type ChargeRisk,
  type ApiErrorKind,
} from '../../../src/api/apiError';
import { isPreSendError } from '../../../src/api/request';
import { parseRetryAfter } from '../../../src/common/http';

const HOUR_MS = 3_600_000;

describe('http: Retry-After', () => {
  const now = Date.UTC(2026, 4, 20, 12);
  const rows: [header: string | null, ms: number | undefined][] = [
    [null, undefined],
    ['0', 0],
    ['7', 7_000],
    [' 7 ', 7_000],
    ['3600', HOUR_MS],
    ['999999999999999999999', HOUR_MS],
    ['Wed, 20 May 2026 12:00:30 GMT', 30_000],
    ['Wed, 20 May 2026 11:00:00 GMT', 0],
    ['Wed, 20 May 2099 11:00:00 GMT', HOUR_MS],
    ['soon', undefined],
    ['', undefined],
    ['-5x', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
  ];
  for (const [header, ms] of rows) {
    it(`${JSON.stringify(header)} → ${ms === undefined ? 'nothing' : `${ms} ms`}`, () => {
      assert.equal(parseRetryAfter(header, now), ms);
    });
  }
});

describe('http: whether a byte was sent', () => {
  const system = (code: string, syscall?: string) =>
    new FetchError(
      'failed',
      'system',
      Object.assign(new Error(code), { code, syscall }) as unknown as Record<string, unknown>,
    );
  const rows: [name: string, error: unknown, never: boolean][] = [
    ['connection refused', system('ECONNREFUSED', 'connect'), true],
    ['several addresses refused', system('ECONNREFUSED'), true],
    ['no route', system('EHOSTUNREACH', 'connect'), true],
    ['no network', system('ENETUNREACH', 'connect'), true],
    ['connecting took too long', system('ETIMEDOUT', 'connect'), true],
    ['no such name', system('ENOTFOUND', 'getaddrinfo'), true],
    ['no name server', system('EAI_AGAIN', 'getaddrinfo'), true],
    ['certificate has expired', system('CERT_HAS_EXPIRED'), true],
    ['self-signed certificate', system('DEPTH_ZERO_SELF_SIGNED_CERT'), true],
    ["another's certificate", system('ERR_TLS_CERT_ALTNAME_INVALID'), true],
    ['reset while reading', system('ECONNRESET', 'read'), false],
    ['reset', system('ECONNRESET'), false],
    ['reset while writing', system('EPIPE', 'write'), false],
    ['timeout while reading', system('ETIMEDOUT', 'read'), false],
    ['timeout of unknown origin', system('ETIMEDOUT'), false],
    ['TLS broke off', system('EPROTO', 'write'), false],
    ['aborted', new DOMException('aborted', 'AbortError'), false],
    ['end of stream', system('ERR_STREAM_PREMATURE_CLOSE'), false],
    ['unreadable answer', system('HPE_INVALID_CONSTANT'), false],
    ['no code at all', new Error('?'), false],
    ['not an error', 'ECONNREFUSED', false],
    ['nothing', undefined, false],
  ];
  for (const [name, error, never] of rows) {
    it(`${name}: ${never ? 'certainly not' : 'cannot be known'}`, () => assert.equal(isPreSendError(error), never));
  }
});

describe('http: addresses', () => {
  const bases: [text: string, href: string | undefined][] = [
    ['https://gptunnel.ru/v1', 'https://gptunnel.ru/v1'],
    [' https://gptunnel.ru/v1/ ', 'https://gptunnel.ru/v1'],
    ['https://gptunnel.ru/v1///', 'https://gptunnel.ru/v1'],
    ['http://127.0.0.1:8080/v1', 'http://127.0.0.1:8080/v1'],
    ['http://localhost:8080/v1', 'http://localhost:8080/v1'],
    ['http://[::1]:8080/v1', 'http://[::1]:8080/v1'],
    ['http://gptunnel.ru/v1', undefined],
    ['http://127.0.0.1.evil.example/v1', undefined],
    ['http://localhost.evil.example/v1', undefined],
    ['https://user:pw@gptunnel.ru/v1', undefined],
    ['https://gptunnel.ru/v1?key=1', undefined],
    ['https://gptunnel.ru/v1#x', undefined],
    ['ftp://gptunnel.ru/v1', undefined],
    ['file:///etc/passwd', undefined],
    ['javascript:alert(1)', undefined],
    ['gptunnel.ru/v1', undefined],
    ['', undefined],
  ];
  for (const [text, href] of bases) {
    it(`base ${JSON.stringify(text)} → ${href ?? 'refused'}`, () => assert.equal(parseBaseUrl(text)?.href, href));
  }

  const far = new URL('https://gptunnel.ru/v1');
  const near = new URL('http://127.0.0.1:1/v1');
  const results: [text: string, base: URL, ok: boolean][] = [
    ['https://timenote.storage.yandexcloud.net/a.mp4', far, true],
    ['https://timenote.storage.yandexcloud.net/a.mp4', near, true],
    ['http://127.0.0.1:2/a.mp4', near, true],
    ['http://127.0.0.1:2/a.mp4', far, false],
    ['http://storage.yandexcloud.net/a.mp4', far, false],
    ['http://storage.yandexcloud.net/a.mp4', near, false],
    ['https://key@storage.yandexcloud.net/a.mp4', far, false],
    ['https://user:pw@storage.yandexcloud.net/a.mp4', far, false],
    ['https://192.168.1.1/a.mp4', far, false],
    ['https://192.168.1.1/a.mp4', near, false],
    ['https://localhost./a.mp4', far, false],
    ['https://2130706433/a.mp4', far, false],
    ['https://[::ffff:10.0.0.1]/a.mp4', far, false],
    ['javascript:alert(1)', far, false],
    ['data:video/mp4;base64,AAAA', far, false],
    ['file:///etc/passwd', far, false],
    ['vscode://seedance/x', far, false],
    ['/relative.mp4', far, false],
    ['', far, false],
  ];
  for (const [text, base, ok] of results) {
    it(`result ${JSON.stringify(text)} from ${base.host}: ${ok ? 'taken' : 'refused'}`, () => {
      assert.equal(parseResultUrl(text, base) !== undefined, ok);
    });
  }
});

describe('http: what an error means for the money', () => {
  const rows: Record<ApiErrorKind, ChargeRisk> = {
    'invalid-key': 'none',
    'invalid-input': 'none',
    'not-found': 'none',
    'insufficient-balance': 'none',
    overloaded: 'none',
    'model-forbidden': 'none',
    'wrong-address': 'none',
    'sensitive-content': 'none',
    'unsafe-prompt': 'none',
    'request-too-large': 'none',
    'not-sent': 'none',
    internal: 'possible',
    'bad-answer': 'possible',
    redirected: 'possible',
    'no-answer': 'possible',
    aborted: 'possible',
    'in-between': 'possible',
    'proxy-refused': 'none',
    'key-unreadable': 'none',
  };
  for (const [kind, charge] of Object.entries(rows) as [ApiErrorKind, ChargeRisk][]) {
    it(`${kind}: ${charge}`, () => assert.equal(getChargeRisk(kind), charge));
  }

  it('takes every code and every status that it does not know for possibly charged, or for a refusal by 4xx', () => {
    for (const code of [1, 8, 98, 100, 500, 1000, 1003, -1, 0.5, 1e308]) {
      assert.equal(getKindForCode(code), 'internal', `code ${code}`);
    }
    for (let status = 400; status < 500; status++) {
      const charge = getChargeRisk(getKindForStatus(status));
      assert.equal(charge, status === 408 ? 'possible' : 'none', `HTTP ${status}`);
    }
    for (const status of [0, 100, 300, 304, 500, 502, 503, 504, 520, 599, 999]) {
      assert.equal(getChargeRisk(getKindForStatus(status)), 'possible', `HTTP ${status}`);
    }
  });

  it('says for the log what happened, without the words of the service, which may quote the prompt', () => {
    assert.equal(new ApiError('internal').message, 'internal');
    const words = { serverMessage: 'm', issues: [{ path: 'prompt', message: 'm' }] };
    const error = new ApiError('no-answer', { code: 1, status: 502, ...words, detail: 'd', cause: new Error('c') });
    assert.equal(error.message, 'no-answer (code 1, HTTP 502, d, c)');
  });
});
