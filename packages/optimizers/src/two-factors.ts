import type { AnyObjective, Refusal } from '@lowland/core';

/** For `refuses` of a method that alternates between U and V: problems whose variables are not two factors of one width, such as X X^T. */
export const unlessTwoFactors =
  (optimizer: string) =>
  ({ id, layout: { blocks } }: AnyObjective): Refusal | undefined => {
    const [left, right] = blocks;
    if (blocks.length === 2 && left!.shape.length === 2 && right!.shape.length === 2 && left!.shape[1] === right!.shape[1]) return undefined;
    const names = blocks.map(({ name }) => name).join(', ');
    return {
      code: 'LOWLAND_E_FACTORS',
      message: `Optimizer "${optimizer}" needs the two factors of one product U V^T as the variables; those of objective "${id}" are ${names}. Choose another optimizer.`,
    };
  };
