/** A stable code: what programs and tests look at. Two copies of core may be loaded, so never test the class. */
export type ErrorCode = `LOWLAND_E_${string}`;

export interface LowlandErrorOptions {
  readonly cause?: unknown;
  /** Machine-readable facts: what was given, what was expected. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Every error that Lowland throws on purpose.
 *
 * The message names what was given, what was expected and what to do; `code` never changes.
 */
export class LowlandError extends Error {
  override readonly name = 'LowlandError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: LowlandErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
  }
}

/** The code of an error, whatever copy of core it came from. */
export function errorCode(error: unknown): ErrorCode | undefined {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && code.startsWith('LOWLAND_E_') ? (code as ErrorCode) : undefined;
}
