/** Edit distance with adjacent swaps counted once (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast = new Array<number>(b.length + 1).fill(0);
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}

/** ` Did you mean "x"?`, or nothing where no candidate is near: at most two edits in five letters, or a shared beginning. */
export function didYouMean(given: string, candidates: Iterable<string>): string {
  let nearest: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const near = given.length >= 3 && candidate.startsWith(given);
    const distance = near ? 0.5 : editDistance(given.toLowerCase(), candidate.toLowerCase());
    if (distance < least && (near || distance <= 0.4 * Math.max(given.length, candidate.length))) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
}
