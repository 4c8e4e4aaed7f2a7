import type { OutgoingHttpHeaders } from 'node:http';

/** A whole answer, before any fault has spoiled it. */
export interface Answer {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array;
  /** Gateway code in the body, for the ledger. */
  readonly code: number | null;
}

export function jsonAnswer(status: number, value: object): Answer {
  const code = 'code' in value && typeof value.code === 'number' ? value.code : null;
  return { ...textAnswer(status, 'application/json; charset=utf-8', JSON.stringify(value)), code };
}

export function textAnswer(status: number, type: string, text: string): Answer {
  return bytesAnswer(status, { 'content-type': type }, Buffer.from(text));
}

export function bytesAnswer(status: number, headers: OutgoingHttpHeaders, body: Uint8Array): Answer {
  return { status, headers: { ...headers, 'content-length': body.length }, body, code: null };
}

/** The page of a proxy in front of the service. */
export function proxyPage(status: number, reason: string): Answer {
  const title = `${status} ${reason}`;
  const page = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
  return textAnswer(status, 'text/html', page);
}

/** The error shape of the OpenAI API, which the calls outside of `/media` use. */
export function openAiError(status: number, type: string, message: string): Answer {
  return jsonAnswer(status, { error: { message, type, param: null, code: null } });
}

/** An object store's error. */
export function storeError(status: number, code: string, message: string, resource: string): Answer {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><Resource>${escapeXml(resource)}</Resource><RequestId>5f2d8c41e07a93b6</RequestId></Error>`;
  return textAnswer(status, 'application/xml; charset=UTF-8', text);
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
