/** The entry point of shaders that give a thread to each number i, p.n in all. */
export const each = (statement: string): string => `
@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) lane: u32, @builtin(workgroup_id) group: vec3u) {
  let i = 256u * (p.begin + group.x) + lane;
  if (i < p.n) {
    ${statement}
  }
}`;
