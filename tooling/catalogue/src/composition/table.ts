/** The matrix as a page. */
import type { Column } from './columns.ts';
import type { Matrix } from './matrix.ts';
import type { Outcome } from './pair.ts';

/** What is missing; nothing where the pair runs. */
type Cell = readonly string[];

/** Columns that fit the same rows. */
interface Group {
  readonly letter: string;
  readonly names: readonly string[];
  /** What all of them require. */
  readonly requires: readonly string[];
  /** What all of them lack in a row, or else what any of them does. */
  readonly cells: readonly Cell[];
}

const cellOf = (outcome: Outcome): Cell => (outcome.kind === 'refused' ? outcome.lacks : []);
const code = (names: readonly string[], between = ' '): string => names.map((name) => `\`${name}\``).join(between);

export function page(matrix: Matrix): string {
  const { rows, columns, outcomes } = matrix;
  const cells = outcomes.map((row) => row.map(cellOf));
  const base = (i: number) => rows.findIndex(({ name }) => name === rows[i]!.base);
  const shown = rows.flatMap(({ name, base: plain }, i) => (name !== plain && JSON.stringify(cells[i]) === JSON.stringify(cells[base(i)]) ? [] : [i]));
  const groups = groupsOf(columns.map((column, j) => ({ name: column.name, kind: column.kind, requires: requirements(matrix, j), cells: shown.map((i) => cells[i]![j]!) })));
  const stops = rows.flatMap(({ name }, i) =>
    columns.flatMap((column, j) => {
      const outcome = outcomes[i]![j]!;
      return outcome.kind === 'stops' ? [`| \`${name}\` | \`${column.name}\` | ${outcome.why} |`] : [];
    }),
  );
  return `# What fits together

Every objective with every optimizer, on tiny instances: ✓ where they run, else what the objective lacks, as \`plan()\` says before anything is
computed. \`pnpm write-docs\` writes this page from all that is registered; a test runs all ${String(rows.length * columns.length)} pairs and holds the page against them.

- In each ✓ the value falls, once the step is short enough where one is to be chosen; the exceptions stand at the end.
- A row for a choice, as \`matrix-factorization, symmetric\`, is there where the choice changes something. Rows as \`convexForm(…)\` are what a
  capability makes of an objective.
- Methods that fit the same rows share a column. \`two factors\` are U and V of one product, \`GL(r)\` is a function of
  their product alone, \`optimum\` is the least value where it is known, \`penalty\` a positive one,
  \`flat space\` is what manifolds are not: methods that walk along straight lines would leave them.

${groups.map(({ letter, names, requires }) => `**${letter}** ${code(names, ' · ')}${requires.length === 0 ? '' : `  \nrequire${names.length === 1 ? 's' : ''} ${code(requires, ', ')}`}`).join('\n\n')}

| | ${groups.map(({ letter }) => letter).join(' | ')} |
|---|${groups.map(() => ':-:|').join('')}
${shown.map((i, at) => `| \`${rows[i]!.name}\` | ${groups.map((group) => code(group.cells[at]!) || '✓').join(' | ')} |`).join('\n')}
${stops.length === 0 ? '' : `\n## Where the value does not fall\n\n| objective | optimizer | ends as |\n|---|---|---|\n${stops.join('\n')}\n`}`;
}

function requirements({ columns }: Matrix, j: number): readonly string[] {
  const { optimizer, init } = columns[j]!.create(0);
  return [...new Set([...((init ?? optimizer).requires as readonly string[]), ...(init === undefined ? optimizer.needs ?? [] : [])])];
}

const common = (lists: readonly (readonly string[])[]): readonly string[] => lists[0]!.filter((name) => lists.every((list) => list.includes(name)));

interface Line extends Pick<Column, 'name' | 'kind'> {
  readonly requires: readonly string[];
  readonly cells: readonly Cell[];
}

/** Optimizers before starts, then those with most ✓ first. */
function groupsOf(columns: readonly Line[]): readonly Group[] {
  const pattern = ({ kind, cells }: Line): string => `${kind} ${cells.map(({ length }) => (length === 0 ? '1' : '0')).join('')}`;
  const order = ({ kind, cells }: Line): number => cells.filter(({ length }) => length === 0).length + (kind === 'optimizer' ? cells.length : 0);
  const patterns = [...new Set(columns.map(pattern))];
  return patterns
    .map((each) => columns.filter((line) => pattern(line) === each))
    .sort(([a], [b]) => order(b!) - order(a!))
    .map((members, k) => ({
      letter: letterOf(k),
      names: members.map(({ name }) => name),
      requires: common(members.map(({ requires }) => requires)),
      cells: members[0]!.cells.map((_, at) => {
        const lists = members.map(({ cells }) => cells[at]!);
        const shared = common(lists);
        return shared.length > 0 ? shared : [...new Set(lists.flat())];
      }),
    }));
}

/** A … Z, AA, AB, … */
const letterOf = (k: number): string => (k < 26 ? '' : letterOf(Math.floor(k / 26) - 1)) + String.fromCodePoint(65 + (k % 26));
