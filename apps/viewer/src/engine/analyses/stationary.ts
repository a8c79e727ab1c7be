import { parseOptions, type Registry } from '@lowland/core';
import type { AllStationaryPoints, Connections } from '@lowland/landscape';

import type { StationaryPointView, StationaryView } from '../../model/types.ts';
import { made } from '../prepare.ts';
import type { Questions } from '../protocol.ts';
import type { Stand } from './stand.ts';

/** The list of stationary points: sampled and connected, or of few variables all of them. */
export async function stationaryAt(registry: Registry, stand: Stand, { by, options }: Questions['stationary']['ask']): Promise<StationaryView> {
  parseOptions(registry.find('analyses', by).options, options, by);
  const analysis = made(registry, 'analyses', { id: by, options }) as Parameters<Stand['look']>[0];
  return by === 'connect' ? connected(await stand.look<Connections>(analysis)) : listed(await stand.look<AllStationaryPoints>(analysis));
}

function connected({ census, falls, leaves, tree }: Connections): StationaryView {
  const { orbits, group, unseen, audit } = census;
  return {
    points: orbits.map(({ point, value, gradientNorm, index, kind, spurious, orbit, eigenvalues, seen }) => ({
      point: point.data, value, gradientNorm, index, kind, spurious,
      orbit: { dimension: orbit.dimension, components: orbit.components, rank: orbit.rank },
      smallest: eigenvalues[0] ?? null,
      largest: eigenvalues.at(-1) ?? null,
      seen: seen.given + seen.random + seen.fixed + seen.followed,
    })),
    falls: falls.map(({ from, to, curvature, sign, length }) => ({ from, to, curvature, sign, length })),
    leaves: leaves.map(({ orbit, component }) => ({ point: orbit, component })),
    tree: tree.nodes,
    group,
    complete: null,
    statement: `Unseen: ${Number((100 * unseen.estimate).toPrecision(2))} %. ${unseen.statement}`,
    audit: audit.statement,
  };
}

function listed({ points, complete, reason, bezout, solutions, eulerSum }: AllStationaryPoints): StationaryView {
  const least = Math.min(...points.map(({ value }) => value));
  return {
    points: points.map(({ point, value, index, eigenvalues }): StationaryPointView => {
      const lowest = value <= least + 1e-9 * Math.max(1, Math.abs(least));
      return {
        point: point.data, value, gradientNorm: null, index, kind: kindOf(index, eigenvalues.length, lowest), spurious: index === 0 && !lowest, orbit: null,
        smallest: eigenvalues[0] ?? null, largest: eigenvalues.at(-1) ?? null, seen: null,
      };
    }),
    falls: [],
    leaves: [],
    tree: [],
    group: null,
    complete,
    statement: complete ? `All ${points.length} stationary points: ${solutions} complex solutions were isolated, as many as there can be (${bezout}).` : `The list may not be complete: ${reason ?? 'unknown'}.`,
    audit: eulerSum === null ? null : `The sum of (-1)^index is ${eulerSum}; of a coercive function with nondegenerate points it is 1.`,
  };
}

function kindOf(index: number | null, variables: number, lowest: boolean): StationaryPointView['kind'] {
  if (index === null) return 'degenerate';
  if (index === 0) return lowest ? 'least' : 'minimum';
  return index === variables ? 'maximum' : 'saddle';
}
