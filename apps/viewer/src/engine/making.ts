/**
 * What is being made of a plugin's definition at the moment. A worker says so before, and that it is done after: of one that does not return the page
 * then knows the name.
 */
const foreign = new WeakSet();
let announce: (id: string | null) => void = () => undefined;

/** Definitions that did not come with the page. */
export function markForeign(plugin: unknown): void {
  if (typeof plugin !== 'object' || plugin === null) return;
  for (const list of Object.values(plugin).filter(Array.isArray)) for (const definition of list as unknown[]) if (typeof definition === 'object' && definition !== null) foreign.add(definition);
}

export function announceTo(tell: (id: string | null) => void): void {
  announce = tell;
}

/** Makes what a definition makes. */
export function making<T>(definition: { readonly id: string }, make: () => T): T {
  if (!foreign.has(definition)) return make();
  announce(definition.id);
  const made = make();
  announce(null);
  return made;
}
