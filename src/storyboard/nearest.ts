/** The texts that a mistyped one may mean, the likeliest first: those that a few changed letters lead to. */
export function findNearest(text: string, candidates: readonly string[], most = 3): string[] {
  const wanted = text.toLowerCase();
  if (wanted.length > MAX_CHARS) {
    return [];
  }
  return candidates
    .flatMap((candidate) => {
      const other = candidate.toLowerCase();
      const limit = Math.max(1, Math.floor(Math.max(wanted.length, other.length) * MAX_SHARE));
      if (other.length > MAX_CHARS || Math.abs(other.length - wanted.length) > limit) {
        return [];
      }
      const distance = countChanges(wanted, other);
      return distance <= limit ? [{ candidate, distance }] : [];
    })
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

const MAX_CHARS = 100;
const MAX_SHARE = 0.4;

/** Letters that are added, taken away or changed. */
function countChanges(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
