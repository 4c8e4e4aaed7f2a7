/** What must not be kept with a task or shown, whoever repeats it: it opens something, or is somebody's file. */
export const TICKETS: readonly [RegExp, string][] = [
  // An inlined image: someone's file, and megabytes long.
  [/data:[\w.+-]+\/[\w.+-]+(?:;[\w=.-]+)*,[\w+/=%-]*/g, 'data:[hidden]'],
  // Links to results and to buckets are signed: with its query a link is a ticket.
  [/(https?:\/\/[^\s"'<>?#]+)\?[^\s"'<>]+/g, '$1?[hidden]'],
];

/** The words of a service that may have quoted what it was sent. */
export function withoutTickets(text: string): string {
  return TICKETS.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}
