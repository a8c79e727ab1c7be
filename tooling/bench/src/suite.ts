/** What a suite gets. */
export interface BenchOptions {
  readonly node: string;
}

/** One figure of a suite, with the target that it has to meet, if it has one. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target?: { readonly text: string; readonly met: boolean };
}

/** A group of measurements that belong together. */
export interface Suite {
  readonly summary: string;
  run(options: BenchOptions): Promise<readonly Figure[]>;
}
