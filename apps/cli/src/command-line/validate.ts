import type { Schema } from '@lowland/core';

import { usageError } from './flag.ts';

/** What the schema makes of `value`, defaults filled in. @throws LOWLAND_E_USAGE naming `origin` and every issue. */
export function validate<O>(schema: Schema<O>, value: unknown, origin: string): O {
  const result = schema['~standard'].validate(value);
  if ('then' in result) throw usageError(`${origin}: its options are checked asynchronously, which is not supported.`);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map(({ message, path = [] }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`));
  throw usageError(`${origin}: ${issues.join('; ')}`);
}
