import { normals, type StreamKey } from '@lowland/core';

import { drawInto } from './wasm/normals.ts';
import { sharedSite } from './wasm/shared.ts';
import { hasSimd } from './wasm/support.ts';

/** Below, the copy out of the arena costs more than the drawing. */
const few = 64;

/** out[i] = standard normal number i of the stream: core's `normals`, bit for bit, drawn by WebAssembly where there is, six times as fast. */
export function drawNormals(key: StreamKey, out: Float64Array): void {
  if (out.length < few || !hasSimd()) {
    normals(key, out);
    return;
  }
  const site = sharedSite();
  drawInto(site.arena, site.library('f64', false), key, out.length, () => out);
}
