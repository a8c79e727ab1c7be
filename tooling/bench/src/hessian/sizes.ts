/** Problems of hundreds of variables: small enough that all are measured in seconds, large enough that products are what takes time. */
export const large = { rows: 40, cols: 30, size: 200, inputs: 60, samples: 400, rank: 4, density: 0.3, blocks: 100, constraints: 60, dimension: 200 };

/** Of fewer variables nothing is asked. */
export const leastVariables = 200;

/** To see that everything works; of every number of variables. */
export const small = { rows: 6, cols: 5, size: 5, inputs: 4, samples: 20, rank: 2, density: 0.5, blocks: 3, constraints: 4, dimension: 3 };
