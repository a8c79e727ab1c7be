/**
 * What a factory can promise at compile time: options given as literals decide, a plain `number` promises neither.
 */

/** The type of option K as given, or its default. */
export type Given<O, K extends string, Default> = K extends keyof O ? Exclude<O[K], undefined> : Default;

/** `Yes` for the literal 0, `No` for another literal. */
export type WhenZero<T, Yes, No> = T extends number ? (number extends T ? never : T extends 0 ? Yes : No) : never;
