import { FileFault } from './fault.ts';

/** Numbers of an NPY file of little-endian doubles, row by row. @throws FileFault for another kind of file, or one that was cut off */
export function readNpy(name: string, bytes: Uint8Array): { readonly shape: readonly number[]; readonly data: Float64Array } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0) !== 0x934e554d) throw new FileFault(`${name} is no NPY file.`);
  const wide = bytes[6]! >= 2;
  const start = (wide ? 12 : 10) + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = new TextDecoder().decode(bytes.subarray(wide ? 12 : 10, Math.min(start, bytes.length)));
  const shape = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1]?.split(',').filter((part) => part.trim() !== '').map(Number);
  if (shape === undefined || !header.includes("'<f8'") || header.includes('True')) throw new FileFault(`${name} holds no row-major doubles ('<f8'): save it so, or leave it out.`);
  const length = shape.reduce((product, size) => product * size, 1);
  if (bytes.length < start + 8 * length) throw new FileFault(`${name} was cut off: ${8 * length} bytes of numbers are announced, ${Math.max(0, bytes.length - start)} are there.`);
  const data = new Float64Array(length);
  for (let k = 0; k < length; k++) data[k] = view.getFloat64(start + 8 * k, true);
  return { shape, data };
}
