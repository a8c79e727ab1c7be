/** A file as it was picked, and the folder it lay in. */
export interface Picked {
  readonly file: File;
  /** Null: picked alone. */
  readonly folder: string | null;
}

/** Files of an input element; with `webkitdirectory` they know their folder. Only those directly in it are taken. */
export function fromInput(files: FileList): Picked[] {
  return [...files].flatMap((file) => {
    const path = file.webkitRelativePath.split('/');
    if (path.length > 2) return [];
    return [{ file, folder: path.length === 2 ? path[0]! : files.length > 1 ? 'files' : null }];
  });
}

/** Files that were dropped, and those in folders that were. */
export async function fromDrop(transfer: DataTransfer): Promise<Picked[]> {
  // entries are gone after the first wait
  const items = [...transfer.items].filter(({ kind }) => kind === 'file').map((item) => ({ entry: item.webkitGetAsEntry(), file: item.getAsFile() }));
  const several = items.length > 1;
  const picked = await Promise.all(items.map(async ({ entry, file }): Promise<Picked[]> => (entry !== null ? filesIn(entry, several) : file !== null ? [{ file, folder: several ? 'files' : null }] : [])));
  return picked.flat();
}

async function filesIn(entry: FileSystemEntry, several: boolean): Promise<Picked[]> {
  if (entry.isFile) return [{ file: await fileOf(entry as FileSystemFileEntry), folder: several ? 'files' : null }];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inside: FileSystemEntry[] = [];
  for (;;) {
    // a reader gives some at a time
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (some.length === 0) break;
    inside.push(...some);
  }
  const files = inside.filter(({ isFile }) => isFile) as FileSystemFileEntry[];
  return Promise.all(files.map(async (file) => ({ file: await fileOf(file), folder: entry.name })));
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((resolve, reject) => { entry.file(resolve, reject); });
