import * as vscode from 'vscode';

/**
 * Errors of the operating system in words: which disk calls end with `ENOSPC` is nobody's business but the log's. VS Code
 * wraps them, with the code in the message or in the cause, and has codes of its own.
 */

type SystemErrorKind =
  | 'disk-full'
  | 'no-permission'
  | 'read-only'
  | 'not-there'
  | 'name-too-long'
  | 'in-the-way'
  | 'in-use'
  | 'too-many-files'
  | 'too-large'
  | 'away'
  | 'no-connection'
  | 'other';

const CODES: Readonly<Record<Exclude<SystemErrorKind, 'other'>, string>> = {
  'disk-full': 'ENOSPC EDQUOT',
  'no-permission': 'EACCES EPERM NoPermissions',
  'read-only': 'EROFS',
  'not-there': 'ENOENT ENOTDIR ENXIO ENODEV ENOMEDIUM FileNotFound FileNotADirectory',
  'name-too-long': 'ENAMETOOLONG',
  'in-the-way': 'EEXIST ENOTEMPTY EISDIR FileExists FileIsADirectory',
  'in-use': 'EBUSY ETXTBSY EAGAIN EDEADLK EWOULDBLOCK ELOCK FileWriteLocked',
  'too-many-files': 'EMFILE ENFILE ENOMEM ENOBUFS',
  'too-large': 'EFBIG EOVERFLOW E2BIG FileTooLarge FileExceedsStorageQuota',
  away: 'EIO ESTALE EHOSTDOWN EREMOTEIO ENOTCONN ESHUTDOWN Unavailable',
  'no-connection':
    'ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN ENETRESET ETIMEDOUT EPIPE EPROTO EADDRNOTAVAIL EADDRINUSE',
};
const KIND_OF = new Map(
  Object.entries(CODES).flatMap(([kind, codes]) => codes.split(' ').map((code) => [code, kind as SystemErrorKind])),
);

/** As Node writes it at the beginning of a message or after a colon; other words in capitals are the text of somebody. */
const CODE_IN_TEXT = /(?:^|[\s([:'"])(E[A-Z0-9]{2,}(?:_[A-Z]+)?|UNKNOWN):/;
const MAX_CAUSES = 5;

function findKind(error: unknown): SystemErrorKind | undefined {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < MAX_CAUSES; at = at.cause, depth++) {
    const { code, message, name } = at as NodeJS.ErrnoException;
    const inText = CODE_IN_TEXT.exec(message)?.[1];
    const kinds = [inText, typeof code === 'string' ? code : undefined, name].map((text) => KIND_OF.get(text ?? ''));
    const kind = kinds.find((known) => known !== undefined);
    if (kind) {
      return kind;
    }
    if ((typeof code === 'string' && /^(?:E[A-Z]|UNKNOWN$)/.test(code)) || inText !== undefined) {
      return 'other';
    }
  }
  return undefined;
}

export interface SystemErrorDescription {
  /** What happened. */
  what: string;
  /** What to do. */
  advice: string;
}

/** @returns `undefined` for what is no error of the operating system */
export function describeSystemError(error: unknown): SystemErrorDescription | undefined {
  const kind = findKind(error);
  switch (kind) {
    case undefined:
      return undefined;
    case 'disk-full':
      return {
        what: vscode.l10n.t('The disk is full.'),
        advice: vscode.l10n.t('Free some space and try again.'),
      };
    case 'no-permission':
      return {
        what: vscode.l10n.t('The system does not allow VS Code to read or write there.'),
        advice: vscode.l10n.t('Check the permissions, or choose another place.'),
      };
    case 'read-only':
      return {
        what: vscode.l10n.t('The disk is read-only.'),
        advice: vscode.l10n.t('Choose another place.'),
      };
    case 'not-there':
      return {
        what: vscode.l10n.t('The file or folder is not there: it was moved or deleted, or its disk is not connected.'),
        advice: vscode.l10n.t('Check the place, or choose another one.'),
      };
    case 'name-too-long':
      return {
        what: vscode.l10n.t('The name is too long for this disk.'),
        advice: vscode.l10n.t('Choose a shorter name, or another place.'),
      };
    case 'in-the-way':
      return {
        what: vscode.l10n.t('Something else has this name already.'),
        advice: vscode.l10n.t('Choose another name.'),
      };
    case 'in-use':
      return {
        what: vscode.l10n.t('The file or folder is in use by another program.'),
        advice: vscode.l10n.t('Close it there and try again.'),
      };
    case 'too-many-files':
      return {
        what: vscode.l10n.t('The system has no memory or no free file handles at the moment.'),
        advice: vscode.l10n.t('Close some programs and try again.'),
      };
    case 'too-large':
      return {
        what: vscode.l10n.t('The file is too large for this disk.'),
        advice: vscode.l10n.t('Choose another place.'),
      };
    case 'away':
      return {
        what: vscode.l10n.t('The disk or network folder does not answer, or reports an error.'),
        advice: vscode.l10n.t('Check that it is connected and try again.'),
      };
    case 'no-connection':
      return {
        what: vscode.l10n.t('There is no connection.'),
        advice: vscode.l10n.t('Check the network and the proxy, and try again.'),
      };
    case 'other':
      return {
        what: vscode.l10n.t('The system reported an error.'),
        advice: vscode.l10n.t('The log has the details.'),
      };
  }
}
