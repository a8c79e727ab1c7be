/** What kernels see: numbers of either width, and matrices over them (row-major, complex ones interleaved). */
export type Numbers = Float64Array | Float32Array;

export interface HostMatrix {
  readonly rows: number;
  readonly cols: number;
  readonly complex: boolean;
  readonly data: Numbers;
}
