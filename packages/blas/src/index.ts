export { blas, type BlasOptions } from './blas.ts';
export { symmetricEigen } from './eigen.ts';
export { blasInfo, type BlasInfo } from './info.ts';
export type { Vendor } from './library.ts';
export type { LibraryOptions } from './options.ts';
export { plugin, plugin as default } from './plugin.ts';
export { thinQr } from './qr.ts';
export { thinSvd } from './svd.ts';
