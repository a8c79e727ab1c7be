import type { Direction } from '../../engine/protocol.ts';
import { Choice } from '../frame/choice.tsx';

/** What is to be computed. */
export interface SliceChoice {
  readonly first: Direction;
  readonly second: Direction | 'none';
  readonly radius: number;
  readonly grid: number;
  readonly seed: number;
  readonly regions: boolean;
  /** Whether the section goes through the point of the run, or through zero. */
  readonly centre: 'point' | 'zero';
  /** Whether its critical points are wanted. */
  readonly critical: boolean;
}

const directions: readonly (readonly [Direction, string])[] = [
  ['trajectory', 'the run (principal direction)'],
  ['coordinate', 'variables 1 and 2'],
  ['random', 'random'],
  ['filter', 'random, columns normalised'],
  ['smallest', 'least Hessian eigenvector'],
  ['largest', 'largest Hessian eigenvector'],
  ['symmetry', 'symmetry tangent'],
  ['gradient', 'gradient'],
  ['zero', 'the way to zero'],
  ['other point', 'end of another run'],
];

const directionName = (direction: string): string => directions.find(([id]) => id === direction)?.[1] ?? direction;

/** Labels of the axes: where both are of one kind, which is which. */
export const axisLabels = (names: readonly string[]): string[] =>
  names.map((name, k) => (name === 'coordinate' ? `along variable ${names[0] === name ? k + 1 : 1}` : name === 'trajectory' ? `along principal direction ${names[0] === name ? k + 1 : 1} of the run` : `along ${directionName(name)}`));

const grids = [33, 65, 129, 257];

export interface DirectionChoiceProps {
  readonly choice: SliceChoice;
  readonly onChange: (choice: SliceChoice) => void;
  /** Directions that cannot be had here, such as `symmetry` without a group. */
  readonly missing?: readonly Direction[];
}

/** Along what to cut, how far, how finely. */
export function DirectionChoice({ choice, onChange, missing = [] }: DirectionChoiceProps) {
  const offered = directions.filter(([id]) => !missing.includes(id) || id === choice.first || id === choice.second);
  const set = (part: Partial<SliceChoice>): void => onChange({ ...choice, ...part });
  const random = [choice.first, choice.second].some((direction) => direction === 'random' || direction === 'filter');
  return (
    <>
      <Choice label="Across" value={choice.first} options={offered} onChange={(first) => set({ first })} />
      <Choice label="Up" value={choice.second} options={[['none', 'nothing: a line'], ...offered]} onChange={(second) => set({ second })} />
      <Choice label="Through" value={choice.centre} options={[['point', 'the point of the run'], ['zero', 'zero']]} onChange={(centre) => set({ centre })} />
      <label class="panel-select">
        <span>Reach</span>
        {/* Typed numbers count when they are whole, so that half of one asks for nothing. */}
        <input
          type="number"
          min="0.001"
          step="any"
          value={choice.radius}
          onChange={(event) => {
            const radius = event.currentTarget.valueAsNumber;
            if (radius > 0 && radius < Infinity) set({ radius });
            else event.currentTarget.value = String(choice.radius);
          }}
        />
      </label>
      <Choice label="Critical points" value={choice.critical ? 'yes' : 'no'} options={[['no', 'not looked for'], ['yes', 'all of the section']]} onChange={(critical) => set({ critical: critical === 'yes' })} />
      <Choice label="Places" value={String(choice.grid)} options={[...new Set([...grids, choice.grid])].sort((a, b) => a - b).map((grid) => [String(grid), choice.second === 'none' ? String(grid) : `${grid} × ${grid}`] as const)} onChange={(grid) => set({ grid: Number(grid) })} />
      {random && (
        <button type="button" onClick={() => set({ seed: choice.seed + 1 })}>
          Draw other directions
        </button>
      )}
    </>
  );
}
