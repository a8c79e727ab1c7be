/** Why a file cannot be shown, and what to do: words for people. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
}

/** Where a file belongs that is no result but data. */
export const dataPlace = 'data of an objective are read where it is composed, by "From a file …".';
