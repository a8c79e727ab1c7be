/**
 * A compute shader with what it binds. The declarations in the WGSL text are made from the record, in its order: binding 0 is the uniform
 * struct `p` of the parameters, the storage buffers follow from 1.
 *
 * A shader whose work may be long has the parameter `begin` and counts its workgroups from there, `p.begin + group.x`, in one dimension: then
 * the lane can hand them over in parts.
 */

/** How a shader uses a buffer, and as what. */
export type Use = `${'read' | 'write'} ${'f32' | 'u32'}`;

export interface Shader<B extends string = string, P extends string = string> {
  readonly name: string;
  readonly buffers: Readonly<Record<B, Use>>;
  readonly parameters: Readonly<Record<P, 'f32' | 'u32'>>;
  /** The whole module; its entry point is `main`. */
  readonly code: string;
}

/** The bytes of a uniform block: one dynamic offset apart, which every device allows. */
export const blockBytes = 256;

/** @param body what follows the declarations */
export function shader<B extends string, P extends string>(
  name: string,
  buffers: Readonly<Record<B, Use>>,
  parameters: Readonly<Record<P, 'f32' | 'u32'>>,
  body: string,
): Shader<B, P> {
  const fields = Object.entries(parameters).map(([field, type]) => `  ${field}: ${type as string},`);
  const storage = Object.entries<Use>(buffers).map(([variable, use], i) => {
    const [access, type] = use.split(' ') as [string, string];
    return `@group(0) @binding(${i + 1}) var<storage, ${access === 'read' ? 'read' : 'read_write'}> ${variable}: array<${type}>;`;
  });
  const code = ['struct Parameters {', ...fields, '}', '@group(0) @binding(0) var<uniform> p: Parameters;', ...storage, body.trim(), ''].join('\n');
  return { name, buffers, parameters, code };
}
