import { jsonAnswer, type Answer } from './answer';
import type { Issue } from './faults';

/** The service's own words for its codes, as far as they are known; clients must not depend on them. */
const MESSAGES: Readonly<Record<number, string>> = {
  1: 'Internal error',
  2: 'Invalid token',
  3: 'Invalid input',
  4: 'Record not found',
  5: 'Insufficient balance',
  6: 'Heavy load, please try again later',
  7: 'This model is not available for your organization',
  99: 'Method not found',
  500: 'Internal server error',
  1001: 'Sensitive content detected in the request or in the uploaded files',
  1002: 'The prompt did not pass the safety check',
};

/** An error of the media API: HTTP 200 with a code, save for code 99, which is a 404. */
export function refusal(code: number, message = MESSAGES[code] ?? 'Unknown error', issues?: Issue[]): Answer {
  return jsonAnswer(code === 99 ? 404 : 200, { code, message, ...(issues && { issues }) });
}
