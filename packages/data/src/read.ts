import { bytesOf, startsWith, textOf } from './bytes.ts';
import { dataError, shown } from './fault.ts';
import { readMatrixMarket } from './matrix-market.ts';
import { readMeasurements } from './measurements.ts';
import { isNpy } from './npy.ts';
import { readNpyMatrix } from './npy-matrix.ts';
import { checkOptions } from './options.ts';
import { type Input, type Source, withSource } from './source.ts';
import { readText } from './text.ts';
import type { Format, LoadedData, ReadOptions } from './types.ts';

const extensions: Readonly<Record<string, Format>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  mtx: 'matrix-market',
  mm: 'matrix-market',
  npy: 'npy',
  npz: 'npz',
};

/**
 * Reads a data file.
 *
 * The format is the one asked for, else that of the extension (`.gz` is looked through), else what the content looks like:
 * NPY and NPZ by their magic bytes, MatrixMarket by its banner, and text otherwise. Gzip is unpacked whatever the
 * name. Text and MatrixMarket are streamed: memory holds the numbers and the ids, never the file.
 *
 * @throws LowlandError with a code LOWLAND_E_DATA_…; its message names file and line (or byte), what was given, what
 * was expected and what to do.
 */
export async function readData(input: Input, options: ReadOptions = {}): Promise<LoadedData> {
  checkOptions(options);
  return withSource(input, (source) => {
    const format = options.format ?? formatOf(source);
    switch (format) {
      case 'matrix-market':
        return readMatrixMarket(source, options);
      case 'npy':
        return readNpyMatrix(source, options);
      case 'npz':
        return readMeasurements(source, options);
      default:
        return readText(source, format, options);
    }
  });
}

function formatOf({ file: path, head }: Source): Format {
  const extension = /\.([^./\\]+)$/.exec(path.replace(/\.gz$/i, ''))?.[1]?.toLowerCase();
  const byContent = formatOfContent(head);
  const byName = extensions[extension ?? ''];
  const binary = byContent === 'npy' || byContent === 'npz';
  if (byName !== undefined && binary && byName !== byContent) {
    throw dataError('LOWLAND_E_DATA_FORMAT', { file: path, byte: 0 }, {
      problem: `the name ends in ${shown(`.${extension!}`)}, the content is ${byContent.toUpperCase()}`,
      expected: 'that both agree',
      remedy: 'rename the file, or name its format with --format',
    });
  }
  return byName ?? byContent;
}

const zip = bytesOf('PK\x03\x04');

function formatOfContent(head: Uint8Array): Format {
  if (isNpy(head)) return 'npy';
  if (startsWith(head, zip)) return 'npz';
  return /^(\ufeff)?%%MatrixMarket/i.test(textOf(head.subarray(0, 32))) ? 'matrix-market' : 'text';
}
