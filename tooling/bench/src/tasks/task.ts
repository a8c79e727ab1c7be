/** What is measured: a computation on an instance that every contender gets from the same files. */
import type { Dtype } from '@lowland/core';

interface Sized {
  readonly rows: number;
  readonly cols: number;
}

/** C = A B, all n x n. */
export interface Gemm { readonly kind: 'gemm'; readonly n: number; readonly dtype: Dtype }
/** Value and gradient of 1/2 |U V^T - M|^2 at one point. */
export interface FactorisationGradient extends Sized { readonly kind: 'factorisation-gradient'; readonly rank: number; readonly dtype: Dtype }
/** So many steps of gradient descent with a fixed step from one start, the value at the end included. */
export interface FactorisationDescent extends Sized { readonly kind: 'factorisation-descent'; readonly rank: number; readonly iterations: number; readonly step: number; readonly dtype: Dtype }
/** The same for 1/2 sum of ((U V^T)_ij - b_ij)^2 over the observed cells. */
export interface CompletionDescent extends Sized { readonly kind: 'completion-descent'; readonly observed: number; readonly rank: number; readonly iterations: number; readonly step: number; readonly dtype: 'f64' }
/**
 * A matrix of known rank and condition number from exact entries: as many iterations of whatever method as bring the error of held back
 * entries below 1e-6, relative, from one spectral start. How many that are is found out before the clock starts.
 */
export interface CompletionRecovery extends Sized { readonly kind: 'completion-recovery'; readonly observed: number; readonly rank: number; readonly condition: number; readonly dtype: 'f64' }
/** So many steps for 1/2 sum of (<A_k, U V^T> - b_k)^2, A_k dense. */
export interface SensingDescent extends Sized { readonly kind: 'sensing-descent'; readonly count: number; readonly rank: number; readonly iterations: number; readonly step: number; readonly dtype: 'f64' }
/** The same with A_k = a_k b_k^T. */
export interface RankOneDescent extends Sized { readonly kind: 'rank-one-descent'; readonly count: number; readonly rank: number; readonly iterations: number; readonly step: number; readonly dtype: 'f64' }
/** All eigenvalues and eigenvectors of a symmetric matrix. */
export interface Eigen { readonly kind: 'eigen'; readonly n: number; readonly dtype: 'f64' }
/** A = Q R, Q of the shape of A. */
export interface Qr extends Sized { readonly kind: 'qr'; readonly dtype: 'f64' }
/** Thin singular value decomposition, vectors of both sides. */
export interface Svd extends Sized { readonly kind: 'svd'; readonly dtype: 'f64' }
/** The largest singular values and vectors of a matrix of just that rank, by random products. */
export interface RandomisedSvd extends Sized { readonly kind: 'randomised-svd'; readonly rank: number; readonly dtype: 'f64' }

export type Task = Gemm | FactorisationGradient | FactorisationDescent | CompletionDescent | CompletionRecovery | SensingDescent | RankOneDescent | Eigen | Qr | Svd | RandomisedSvd;
export type Kind = Task['kind'];
export type TaskOf<K extends Kind> = Extract<Task, { kind: K }>;

/** A name that tells tasks apart, for tables, files and floors. */
export function taskName(task: Task): string {
  const words = [task.kind.replaceAll('-', ' ')];
  if ('n' in task) words.push(String(task.n));
  else words.push(`${task.rows}x${task.cols}`);
  if ('observed' in task) words.push(`${task.observed} observed`);
  if ('count' in task) words.push(`${task.count} measurements`);
  if ('rank' in task) words.push(`rank ${task.rank}`);
  if ('condition' in task) words.push(`condition ${task.condition}`);
  if (task.dtype === 'f32') words.push('f32');
  return words.join(' ');
}

/** Whether the task is a whole loop, to be run in a process of its own. */
export const endToEnd = (task: Task): boolean => 'iterations' in task || task.kind === 'completion-recovery';

/** Flops of the work, where they are the same for everyone. */
export function flopsOf(task: Task): number | undefined {
  switch (task.kind) {
    case 'gemm':
      return 2 * task.n ** 3;
    case 'factorisation-gradient':
      return 6 * task.rows * task.cols * task.rank;
    default:
      return undefined;
  }
}

/** How far values may be from each other, relative to their size. */
export const tolerances: Readonly<Record<Dtype, number>> = { f64: 1e-10, f32: 1e-4 };
