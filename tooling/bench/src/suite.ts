/** What a suite gets. */
export interface BenchOptions {
  readonly node: string;
  /** A Python with NumPy; searched for unless given. */
  readonly python: string | undefined;
  /** Tasks whose names contain this. */
  readonly only: string;
  /** Names of the contenders; all unless given. */
  readonly contenders: readonly string[] | undefined;
  readonly rounds: number;
  /** Small sizes and one round: to see that everything works. */
  readonly quick: boolean;
  /** Folder for results. */
  readonly out: string;
  /** Folder for instances and for contenders from npm. */
  readonly cache: string;
  readonly print: (text: string) => void;
}

/** A group of measurements that belong together. */
export interface Suite {
  readonly summary: string;
  /** Prints what it measures; whether every target was met. */
  run(options: BenchOptions): Promise<boolean>;
}
