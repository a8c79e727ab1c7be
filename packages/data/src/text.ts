import { textOf } from './bytes.ts';
import { DenseReader } from './dense.ts';
import { dataError } from './fault.ts';
import { type Delimiter, type Fields, RecordScanner } from './records.ts';
import type { Source } from './source.ts';
import { noEntries, isTriplets, TripletReader } from './triplets.ts';
import type { Format, LoadedData, ReadOptions } from './types.ts';

const hash = 0x23;

/** Streams a delimited file; lines before the first record that start with `#` are comments. */
export async function readText(source: Source, format: Format & ('csv' | 'tsv' | 'text'), options: ReadOptions): Promise<LoadedData> {
  expectText(source);
  const delimiter = delimiterOf(source.head, format, options.delimiter);
  let reader: TripletReader | DenseReader | undefined;
  await scan(source, new RecordScanner(source.file, delimiter), (fields) => {
    if (reader !== undefined) return reader.add(fields);
    reader = isTriplets(fields, options) ? new TripletReader(fields, options) : new DenseReader(fields, options);
    if (!reader.header) reader.add(fields);
  });
  if (reader === undefined) throw noEntries({ file: source.file });
  return reader.finish({ source, format, notes: [] });
}

/** Runs all records of a source, but for leading comments, through `visit`. */
export async function scan(source: Source, scanner: RecordScanner, visit: (fields: Fields) => void): Promise<void> {
  let started = false;
  const record = (fields: Fields): void => {
    started ||= fields.bytes[fields.starts[0]!] !== hash;
    if (started) visit(fields);
  };
  for await (const chunk of source.chunks()) scanner.push(chunk, false, record);
  scanner.push(new Uint8Array(), true, record);
}

/** The delimiter asked for, else that of the format, else tab, comma or semicolon if the first line has one, else blanks. */
export function delimiterOf(head: Uint8Array, format: Format, asked?: string): Delimiter {
  if (asked === 'whitespace' || asked === ' ') return 'whitespace';
  if (asked !== undefined) return asked.charCodeAt(0);
  if (format === 'tsv') return 0x09;
  const line = firstLine(head);
  const candidates = format === 'csv' ? [',', ';', '\t'] : ['\t', ',', ';'];
  const found = candidates.find((candidate) => line.includes(candidate));
  if (found !== undefined) return found.charCodeAt(0);
  return format === 'csv' ? 0x2c : 'whitespace';
}

/** The first line with data, quoted parts left out. */
function firstLine(head: Uint8Array): string {
  const lines = textOf(head.subarray(0, 65_536)).replace(/^\ufeff/, '').split(/\r?\n/);
  return (lines.find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '').replace(/"[^"]*"/g, '');
}

/** Refuses what is no text, before it is taken for a table of one enormous line. */
export function expectText(source: Source): void {
  const { head, file } = source;
  const wide = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
  if (wide) {
    throw dataError('LOWLAND_E_DATA_ENCODING', { file, byte: 0 }, {
      problem: 'the file is UTF-16',
      expected: 'text in UTF-8',
      remedy: 'convert it (for instance iconv -f utf-16 -t utf-8)',
    });
  }
  const nul = head.indexOf(0);
  if (nul < 0) return;
  throw dataError('LOWLAND_E_DATA_FORMAT', { file, byte: nul }, {
    problem: 'the file is not text',
    expected: 'CSV, TSV, whitespace-separated text, MatrixMarket, NPY or NPZ',
    remedy: 'name its format with --format, or convert it',
  });
}
