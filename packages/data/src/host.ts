/** What hosts have each in their own way. */

/** SHA-256 over what it is given, piece by piece. */
export interface Hash {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** Why a gzip stream cannot be unpacked. */
export type Damage = 'cut' | 'damaged';

export interface Host {
  hash(): Hash;
  gunzip(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** What an error of `gunzip` means. */
  damage(error: unknown): Damage;
}
