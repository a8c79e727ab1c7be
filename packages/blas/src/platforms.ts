/**
 * Where systems keep their BLAS, best first. A bare name is looked for by the system's loader (`ld.so.conf`, `LD_LIBRARY_PATH`,
 * `PATH`), a path is taken as it is.
 */
export interface Platform {
  readonly libraries: readonly string[];
  /** Libraries with LAPACK's own symbols, for a BLAS that comes without (BLIS, the reference). */
  readonly lapack: readonly string[];
  /** What to type to get one. */
  readonly install: string;
}

const linux: Platform = {
  libraries: [
    'libopenblas.so.0',
    'libopenblas.so',
    'libmkl_rt.so.2',
    'libmkl_rt.so',
    'libopenblas64_.so.0',
    'libopenblas64.so.0',
    'libblis.so.4',
    'libblis.so',
    // What the administrator chose (update-alternatives), the plain reference at worst.
    'libblas.so.3',
    'libcblas.so.3',
  ],
  lapack: ['liblapack.so.3', 'libflame.so'],
  install: '"apt install libopenblas0" (Debian, Ubuntu), "dnf install openblas" (Fedora), "pacman -S openblas" (Arch), "apk add openblas" (Alpine)',
};

const darwin: Platform = {
  libraries: [
    // Part of the system; its units for matrices are reached in no other way.
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
    'libopenblas.dylib',
    'libmkl_rt.2.dylib',
    'libblis.dylib',
  ],
  lapack: ['/System/Library/Frameworks/Accelerate.framework/Accelerate', 'liblapack.dylib'],
  install: '"brew install openblas"',
};

const win32: Platform = {
  libraries: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.dll', 'libblis.dll'],
  lapack: ['liblapack.dll'],
  install: 'libopenblas.dll from the releases of OpenBLAS, in a folder of the PATH',
};

/** What is known of an operating system, named as Node.js names it (`process.platform`). Others are taken for a Unix. */
export function platformOf(name: string): Platform {
  return name === 'darwin' ? darwin : name === 'win32' ? win32 : linux;
}
