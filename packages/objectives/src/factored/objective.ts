import type { Capability, Objective, Routes } from '@lowland/core';

import { factsOfFactored } from './facts.ts';
import { initialPoint } from './initial.ts';
import { lacksOf } from './lacks.ts';
import type { FactoredProblem } from './problem.ts';
import { bufferBytesOf, bytesOf, uploadOf, type Uploaded } from './routes.ts';

/** What families differ in beside their routes. */
interface Family<P extends Capability> {
  readonly id: string;
  /** As in `Objective`. */
  readonly scale: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Fingerprint of the data; computed when first asked for. */
  readonly digest: () => string;
  readonly routes: Routes<P, Uploaded>;
}

/** The objective of a factored problem. */
export function factoredObjective<P extends Capability>(problem: FactoredProblem, { digest, ...family }: Family<P>): Objective<P, Uploaded> {
  return {
    ...family,
    layout: problem.layout,
    lacks: lacksOf(problem),
    facts: factsOfFactored(problem, family.routes as Objective<never>['routes']),
    get data() {
      return digest();
    },
    upload: uploadOf(problem),
    bytes: (dtype) => bytesOf(problem, dtype),
    bufferBytes: (dtype) => bufferBytesOf(problem, dtype),
    initial: (key) => initialPoint(problem, key),
  };
}
