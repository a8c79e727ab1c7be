import type { AnyObjective, Refusal } from '@lowland/core';

/** For `refuses` of a method, a start or a geometry that tells U from V: problems whose variables are not two factors of one width, such as X X^T. */
export const unlessTwoFactors =
  (name: string, kind: 'optimizer' | 'initializer' | 'geometry' = 'optimizer') =>
  ({ id, layout: { blocks } }: AnyObjective): Refusal | undefined => {
    const [left, right] = blocks;
    if (blocks.length === 2 && left!.shape.length === 2 && right!.shape.length === 2 && left!.shape[1] === right!.shape[1]) return undefined;
    const names = blocks.map((block) => block.name).join(', ');
    return {
      code: 'LOWLAND_E_FACTORS',
      message: `${{ optimizer: 'Optimizer', initializer: 'Initializer', geometry: 'The geometry' }[kind]} "${name}" needs the two factors of one product U V^T as the variables; those of objective "${id}" are ${names}. Choose another ${kind}.`,
    };
  };
