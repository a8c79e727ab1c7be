/** One figure of a suite, with the target that it has to meet, if it has one. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target?: { readonly text: string; readonly met: boolean };
}

export function figureTable(figures: readonly Figure[]): string {
  const width = Math.max(...figures.map(({ name }) => name.length));
  return figures.map(({ name, value, target }) => {
    const verdict = target === undefined ? '' : `   ${target.met ? 'met' : 'MISSED'}: ${target.text}`;
    return `${name.padEnd(width)}  ${value.padStart(10)}${verdict}`;
  }).join('\n');
}
