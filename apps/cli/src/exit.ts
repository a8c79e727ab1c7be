
/** How the process ends. */
export const exit = {
  ok: 0,
  unexpected: 1,
  /** Usage or bad input. */
  usage: 2,
  /** The plan was refused: objective, optimizer and backend do not fit. */
  refused: 3,
  /** A certificate does not hold. */
  rejected: 4,
  /** The computation went wrong; what could be saved is written. */
  numerical: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** The table that help and README show. */
export const exitCodeHelp = `Exit codes: 0 ok, 1 unexpected, 2 usage or bad input, 3 plan refused,
4 certificate rejected, 5 numerical failure (diverged included; results are written), 130 interrupted.`;

/** An outcome that was already reported in full and leaves only its code to return. */
export class Exit extends Error {
  override readonly name = 'Exit';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message = '') {
    super(message);
    this.exitCode = exitCode;
  }
}
