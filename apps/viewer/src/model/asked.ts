import type { Reply } from '../engine/desk.ts';

/** What was asked for, while it is computed, when it is there, or why it is not. */
export interface Asked<T> {
  readonly busy: boolean;
  readonly answer: T | null;
  readonly fault: string | null;
}

export const nothing: Asked<never> = { busy: false, answer: null, fault: null };

/** What became of a question. */
export function outcome<T, U>(reply: Reply<T>, take: (answer: T) => U): Asked<U> {
  if ('answer' in reply) return { busy: false, answer: take(reply.answer), fault: null };
  return { busy: false, answer: null, fault: 'fault' in reply ? reply.fault.message : null };
}
