import type { DataForm, DataMap } from '@lowland/core';

/** `csv` and `tsv` name the delimiter; `text` finds it out of the first line. */
export const formats = ['csv', 'tsv', 'text', 'matrix-market', 'npy', 'npz'] as const;
export type Format = (typeof formats)[number];

/** A column by its name in the header, or by its 1-based number. */
export type ColumnName = string | number;

/** What to do about a cell that is given more than once. */
export const duplicateRules = ['error', 'mean', 'last'] as const;
export type DuplicateRule = (typeof duplicateRules)[number];

/** How to read a file. An option that means nothing for the format at hand is refused. */
export interface ReadOptions {
  /** Default: by the extension (`.gz` looked through), else by the content. */
  readonly format?: Format;
  /** Text files: lines of (row, column, value), or one line for each row. Default: see `isTriplets`. */
  readonly layout?: 'triplets' | 'dense';
  /** Text files: one character, or `whitespace`. Default: by the format, else by the first line. */
  readonly delimiter?: string;
  /** Text files: whether the first line names the columns. Default: found out, see `triplets.ts` and `dense.ts`. */
  readonly header?: boolean;
  /** Dense text: whether the first column names the rows. Default: found out, see `dense.ts`. */
  readonly rowLabels?: boolean;
  /** Triplets: which columns to take. Default: the first, second and third, without weights. */
  readonly columns?: {
    readonly row?: ColumnName;
    readonly col?: ColumnName;
    readonly value?: ColumnName;
    readonly weight?: ColumnName;
  };
  /** Triplets: row ids are indices into this many rows, not labels. */
  readonly rows?: number;
  /** Triplets: column ids are indices into this many columns, not labels. */
  readonly cols?: number;
  /** Triplets: ids are indices, and this is the first. Default 1, where `rows` or `cols` makes them indices. */
  readonly indexBase?: 0 | 1;
  /** Triplets and MatrixMarket coordinates. Default `error`. */
  readonly duplicates?: DuplicateRule;
  /**
   * Dense text: what stands in an unobserved cell, apart from nothing at all. Default `NA`.
   * Dense text and NPY: `NaN` among them makes NaN a hole; otherwise NaN is an error.
   */
  readonly missing?: readonly string[];
}

/** The forms that a file can have. */
export type FileForm = Exclude<DataForm, 'none'>;

/** What a file held, with all that is needed to write results back in its own terms. */
export interface LoadedOf<F extends FileForm> {
  readonly form: F;
  readonly data: DataMap[F];
  /** Row ids as the file has them, in index order; absent where rows are only numbered. */
  readonly rowLabels?: readonly string[];
  readonly colLabels?: readonly string[];
  /** What the first row or column is called where there are no labels: 1 for text formats, 0 for NPY and NPZ. */
  readonly indexBase: 0 | 1;
  /** SHA-256 (hex) of the parsed data: equal for files that mean the same, whatever their format or line order. */
  readonly digest: string;
  /** The path that was read. */
  readonly source: string;
  readonly format: Format;
  /** What was decided on the way and a person may want to know. */
  readonly notes: readonly string[];
}
export type LoadedData = { [F in FileForm]: LoadedOf<F> }[FileForm];
