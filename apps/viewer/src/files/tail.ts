/** A file that grows elsewhere, read from where the reader is, so that no line is lost and none comes twice. */
import { FileFault } from './fault.ts';

/** A file as `lowland view` tells of it. */
export interface Listed {
  readonly path: string;
  readonly size: number;
  readonly modified: number;
  /** Another one where the file was replaced. */
  readonly id: string;
}

/** Bytes of one file at most. */
const most = 200_000_000;

export const bounded = ({ path, size }: Listed): void => {
  if (size > most) throw new FileFault(`${path} has ${(size / 1e6).toFixed(0)} MB; ${most / 1e6} MB at most are read here.`);
};

export async function fetchServed(path: string, from = 0): Promise<Response> {
  const response = await fetch(`api/file?path=${encodeURIComponent(path)}&from=${from}`);
  if (!response.ok) throw new FileFault(`${path} cannot be read (${response.status}).`);
  return response;
}

export class Tail {
  /** Lines that are whole, all of them. */
  text = '';
  #id = '';
  /** Bytes that `text` has. */
  #from = 0;
  #read = 0;

  /** Reads what is new; whether there was something. One that was replaced, or cut, is read anew. */
  async follow(listed: Listed): Promise<boolean> {
    bounded(listed);
    if (listed.id === this.#id && listed.size === this.#read) return false;
    if (listed.size < this.#from) this.#restart(listed.id);
    const response = await fetchServed(listed.path, this.#from);
    const id = response.headers.get('lowland-file') ?? listed.id;
    if (id !== this.#id && this.#from > 0) {
      this.#restart(id);
      return this.follow({ ...listed, id, size: Math.max(1, listed.size) });
    }
    this.#id = id;
    const bytes = new Uint8Array(await response.arrayBuffer());
    this.#read = this.#from + bytes.length;
    const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
    this.text += new TextDecoder().decode(whole);
    this.#from += whole.length;
    return true;
  }

  #restart(id: string): void {
    this.text = '';
    this.#id = id;
    this.#from = 0;
    this.#read = 0;
  }
}
