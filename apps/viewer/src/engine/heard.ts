/** What a worker says is looked at before it is believed: plugins run there, and can change what it uses to speak. */
import type { FromWorker } from './protocol.ts';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/** Whether something has the shape of a message. What is within catalogues, plans and answers is their readers' business. */
export function isMessage(data: unknown): data is FromWorker {
  if (!isObject(data)) return false;
  switch (data['kind']) {
    case 'alive':
      return true;
    case 'ready':
      return isCatalogue(data['catalogue']);
    case 'making':
      return data['id'] === null || typeof data['id'] === 'string';
    case 'answer':
      return typeof data['id'] === 'number' && 'answer' in data;
    case 'fault':
      return (data['id'] === null || typeof data['id'] === 'number') && isObject(data['fault']) && typeof data['fault']['message'] === 'string';
    case 'stage':
      return typeof data['id'] === 'number' && isObject(data['stage']) && typeof data['stage']['name'] === 'string' && ['done', 'of'].every((name) => Number.isFinite((data['stage'] as Readonly<Record<string, unknown>>)[name]));
    case 'planned':
      return isObject(data['plan']);
    case 'progress':
      return data['rows'] instanceof Float64Array && Array.isArray(data['kept']) && data['kept'].every(isKept) && typeof data['stride'] === 'number';
    case 'lost':
      return typeof data['iteration'] === 'number' && typeof data['message'] === 'string';
    case 'ended':
      return isObject(data['stop']) && isObject(data['work']) && isKept(data['last']);
    case 'judged':
      return isObject(data['verdict']);
    default:
      return false;
  }
}

const isKept = (kept: unknown): boolean => isObject(kept) && typeof kept['iteration'] === 'number' && isObject(kept['tracked']) && kept['point'] instanceof Float64Array;

const isCatalogue = (catalogue: unknown): boolean => isObject(catalogue) && ['plugins', 'objectives', 'optimizers', 'initializers', 'backends', 'analyses', 'trackers'].every((name) => Array.isArray(catalogue[name]));
