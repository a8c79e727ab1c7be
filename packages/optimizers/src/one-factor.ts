import type { AnyObjective, Refusal } from '@lowland/core';

/** For `refuses` of a method or a start that holds the point as a factor of lower rank: problems whose variables are not one real factor of as many columns. */
export const unlessOneFactor =
  (name: string, kind: 'optimizer' | 'initializer', rank: number) =>
  ({ id, layout: { blocks } }: AnyObjective): Refusal | undefined => {
    const who = `${kind === 'optimizer' ? 'Optimizer' : 'Initializer'} "${name}"`;
    const [block] = blocks;
    if (blocks.length !== 1 || block?.shape.length !== 2 || block.complex) {
      const names = blocks.map((each) => `${each.name} (${each.complex ? 'complex, ' : ''}${each.shape.join(' x ')})`).join(', ');
      return { code: 'LOWLAND_E_FACTORS', message: `${who} needs one real factor, rows x columns, as the variables; those of objective "${id}" are ${names}. Choose another ${kind}.` };
    }
    const columns = block.shape[1]!;
    return rank <= columns ? undefined : { code: 'LOWLAND_E_RANK', message: `${who} asks for the rank ${String(rank)}, and "${block.name}" of objective "${id}" has ${String(columns)} columns. Give a smaller rank.`, reachable: columns };
  };
