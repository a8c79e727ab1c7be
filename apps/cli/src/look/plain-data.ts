/** A result as JSON holds it: typed arrays become lists. Numbers that JSON does not know become null when it is written. */
export function plainData(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainData(entry)]));
}
