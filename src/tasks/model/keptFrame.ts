import { isTicket, stripTicket } from '../../common/ticket';
import type { FirstFrame } from './taskRecord';

/** A signed link that was pasted gives its file to everybody who reads it: it is sent, and not kept with the task. */
export function withoutTickets(frame: FirstFrame): FirstFrame {
  const { source, link } = frame;
  return isTicket(source) || isTicket(link ?? '')
    ? { ...frame, source: stripTicket(source), link: undefined, isLinkSecret: true }
    : frame;
}
