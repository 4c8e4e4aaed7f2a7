import * as vscode from 'vscode';
import type { DeliveryError } from '../frames/deliveryError';
import { inMessage } from './foreignText';

/** What kept an image from getting to where the service can read it, and what to do. The money is the caller's. */
export function explainDeliveryError({ kind, facts }: DeliveryError): string {
  const host = facts.host ?? '';
  switch (kind) {
    case 'not-set-up':
      return vscode.l10n.t('This way is not set up, or its keys were given for another address.');
    case 'no-answer':
      return vscode.l10n.t('{0} did not answer. Check the address, the connection and the proxy.', host);
    case 'unknown-key':
      return vscode.l10n.t(
        '{0} does not know this key ID. Check that it was copied whole and belongs to this service.',
        host,
      );
    case 'wrong-secret':
      return vscode.l10n.t('The secret key does not fit the key ID. Copy both anew from the same key.');
    case 'denied':
      return vscode.l10n.t(
        '{0} denied the access. The key needs the right to write, read and delete objects in this bucket.',
        host,
      );
    case 'no-bucket':
      return vscode.l10n.t('There is no bucket with this name at {0}.', host);
    case 'wrong-region':
      return facts.region === undefined
        ? vscode.l10n.t('The bucket is in another region.')
        : vscode.l10n.t('The bucket is in another region: {0}.', inMessage(facts.region, 40));
    case 'clock':
      return vscode.l10n.t(
        'The clock of this computer is wrong, so {0} does not accept its signatures. Set the clock.',
        host,
      );
    case 'redirected':
      return vscode.l10n.t(
        '{0} points to another address, and your secrets are not sent there. Give the final address.',
        host,
      );
    case 'refused': {
      const words = [facts.code, facts.message].filter((word) => word).join(': ');
      return words === ''
        ? vscode.l10n.t('{0} refused: status {1}.', host, facts.status ?? 0)
        : vscode.l10n.t('{0} refused with status {1}: {2}', host, facts.status ?? 0, inMessage(words));
    }
    case 'answer-too-long':
      return vscode.l10n.t('The answer of {0} is too long to be a link or an image.', host);
    case 'no-link':
      return vscode.l10n.t('{0} took the image, but there is no link in its answer. Check the JSON pointer.', host);
    case 'private-address':
      return vscode.l10n.t(
        '{0} is inside this computer or its network, so the service cannot read images there.',
        host,
      );
    case 'unreadable-link':
      return vscode.l10n.t('The link to {0} does not open without signing in: status {1}.', host, facts.status ?? 0);
    case 'other-image':
      return vscode.l10n.t('The link to {0} gives something else than the image that was uploaded.', host);
  }
}
