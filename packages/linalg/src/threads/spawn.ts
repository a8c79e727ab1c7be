/** Workers of Node.js and of browsers by one interface, made from source text: no assets, no addresses to configure. */
import { serve, type Start } from './serve.ts';

export interface Hand {
  /** Resolves when it serves; rejects with what the system says when it cannot start. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended. */
  stop(): Promise<void>;
}

/** What is used of `node:worker_threads`. */
interface NodeWorker {
  on(event: 'message' | 'exit', listener: (value: unknown) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  unref(): void;
  terminate(): Promise<number>;
}
interface NodeThreads {
  readonly Worker: new (source: string, options: { eval: true; workerData: unknown; execArgv: string[] }) => NodeWorker;
}

/** Found without an import that browsers and bundlers would see. */
function nodeThreads(): NodeThreads | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown; versions?: { node?: string } } };
  return process?.versions?.node === undefined ? undefined : (process.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined);
}

/** @param ended is told when a worker ends that was not stopped, or fails outside of a call */
export function spawn(start: Start, ended: (why: string) => void): Hand {
  const node = nodeThreads();
  return node === undefined ? webWorker(start, ended) : nodeWorker(node, start, ended);
}

function nodeWorker({ Worker }: NodeThreads, start: Start, ended: (why: string) => void): Hand {
  const source = `const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
(${serve.toString()})(workerData, () => { parentPort.postMessage('ready'); });`;
  let why = 'it ended';
  const worker = new Worker(source, { eval: true, workerData: start, execArgv: [] });
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', () => {
      // From here on a process may end beside it.
      worker.unref();
      resolve();
    });
    worker.on('error', (error) => { why = String(error); });
    worker.on('exit', () => {
      reject(new Error(why));
      ended(why);
    });
  });
  return {
    ready,
    stop: async () => { await worker.terminate(); },
  };
}

function webWorker(start: Start, ended: (why: string) => void): Hand {
  const source = `onmessage = ({ data }) => { onmessage = null; (${serve.toString()})(data, () => { postMessage('ready'); }); };`;
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
  const worker = new Worker(address);
  const ready = new Promise<void>((resolve, reject) => {
    worker.onmessage = () => { resolve(); };
    worker.onerror = (event) => {
      event.preventDefault();
      // What a content-security policy refuses comes without a message.
      const why = (event as Partial<ErrorEvent>).message ?? 'a content-security policy without worker-src blob: refuses it';
      reject(new Error(why));
      ended(why);
    };
  }).finally(() => { URL.revokeObjectURL(address); });
  worker.postMessage(start);
  return {
    ready,
    stop: async () => { worker.terminate(); },
  };
}
