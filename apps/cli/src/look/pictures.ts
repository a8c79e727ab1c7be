/**
 * What a person sees of an analysis in a terminal.
 */
import type { AllStationaryPoints, Certificate, Classification, Regions, Spectrum } from '@lowland/landscape';

import type { AnalysisCommand } from '../command-line/base-flags.ts';
import { wrap } from '../report.ts';
import { bar, plot, short } from '../terminal/plot.ts';
import type { Screen } from '../terminal/style.ts';
import { ofBasins } from './basins-picture.ts';
import { ofBetween } from './between-picture.ts';
import { ofEscapeTimes, ofExitTimes, ofRecurrence } from './dynamics-pictures.ts';
import { ofSlice } from './slice-picture.ts';
import { ofDualBound } from './dual-bound-picture.ts';
import { ofEscapes } from './escapes-picture.ts';
import { ofIsometry } from './isometry-picture.ts';
import { ofIsotropy } from './isotropy-picture.ts';
import { ofCensus, ofConnections, ofNullity } from './terrain-pictures.ts';

const field = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

const pictures: Readonly<Record<AnalysisCommand, (found: never, screen: Screen) => readonly string[]>> = {
  classify: ofClassification,
  certify: ofCertificate,
  spectrum: ofSpectrum,
  slice: ofSlice,
  regions: ofRegions,
  'dual-bound': ofDualBound,
  escapes: ofEscapes,
  rip: ofIsometry,
  'all-stationary-points': ofStationaryPoints,
  census: ofCensus,
  connect: ofConnections,
  between: ofBetween,
  basins: ofBasins,
  nullity: ofNullity,
  isotropy: ofIsotropy,
  'exit-times': ofExitTimes,
  'escape-times': ofEscapeTimes,
  recurrence: ofRecurrence,
};

export const pictureOf = (command: AnalysisCommand, found: unknown, screen: Screen): readonly string[] => pictures[command](found as never, screen);

function ofClassification({ kind, reason, gradient, curvature, symmetry, escape }: Classification, screen: Screen): readonly string[] {
  return [
    field('kind', screen.style(kind === 'second-order-point' ? 'green' : 'yellow', kind)),
    ...(reason === null ? [] : wrap(reason, screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))),
    field('gradient', `${short(gradient.norm)}, ${gradient.relative.toExponential(1)} of its scale`),
    ...(symmetry.group === null ? [] : [field('group', `${symmetry.group}${symmetry.dimension === null ? '' : `, orbit of dimension ${symmetry.dimension}`}`)]),
    ...(curvature === null
      ? []
      : [
          field('curvature', `least in [${curvature.smallest.lower === null ? 'unknown' : short(curvature.smallest.lower)}, ${short(curvature.smallest.upper)}], largest ${short(curvature.largest)}, by ${curvature.method}`),
          ...(curvature.morseIndex === null ? [] : [field('index', `${curvature.morseIndex} descending directions${curvature.nullity === null ? '' : `, ${curvature.nullity.excess} flat ones off the orbit`}`)]),
        ]),
    ...(escape === null ? [] : [field('escape', `curvature ${short(escape.curvature)}; a step of ${short(escape.step)} lowered the value by ${short(escape.decrease)}`)]),
    ...(curvature?.spectrum ? ['', 'eigenvalues off the orbit', ...bars(curvature.spectrum, screen)] : []),
  ];
}

function ofCertificate(certificate: Certificate, screen: Screen): readonly string[] {
  const { kind, gap, relativeGap, lowerBound, rule, reason, rank, value } = certificate;
  return [
    field('kind', screen.style(kind === 'global-minimum' ? 'green' : 'yellow', kind)),
    field('value', short(value)),
    ...(gap === null ? [] : [field('gap', `${short(gap)}${relativeGap === null ? '' : `, relative ${relativeGap.toExponential(1)}`}`)]),
    ...(lowerBound === null ? [] : [field('bound', `no value is below ${short(lowerBound)}`)]),
    ...(rule === null ? [] : [field('rule', rule)]),
    field('rank', String(rank)),
    ...(reason === null ? [] : wrap(reason, screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))),
  ];
}

function ofSpectrum(found: Spectrum, screen: Screen): readonly string[] {
  const { variables, group, deflated, block, signs, smallest, largest, lowerBound, upperBound, trace, density, negativeEstimate, products, converged, eigenvalues, method } = found;
  const pairs = (values: Spectrum['smallest']): string => values.map(({ value, residual }) => `${short(value)} ± ${residual.toExponential(0)}`).join(', ');
  const where = block === null ? (group === null ? '' : `, ${deflated} directions of ${group} left out`) : `, block ${block} alone`;
  return [
    field('variables', `${variables}${where}`),
    field('smallest', `${pairs(smallest)}${method === 'lobpcg' ? ', by LOBPCG' : ''}`),
    field('largest', pairs(largest)),
    ...(lowerBound === null || upperBound === null
      ? []
      : [field('all within', `[${short(lowerBound.value)}, ${short(upperBound.value)}]${lowerBound.failureProbability + upperBound.failureProbability === 0 ? ', proved' : `, but for a chance of ${(lowerBound.failureProbability + upperBound.failureProbability).toExponential(0)}`}`)]),
    ...(signs === null ? [] : [field('signs', `${signs.negative} negative, ${signs.zero} zero, ${signs.positive} positive`)]),
    ...(signs !== null || negativeEstimate === null ? [] : [field('negative', `about ${negativeEstimate.value.toFixed(1)} ± ${negativeEstimate.standardError.toFixed(1)}`)]),
    ...(trace === null ? [] : [field('trace', trace.standardError === 0 ? short(trace.value) : `${short(trace.value)} ± ${trace.standardError.toExponential(0)}`)]),
    field('products', `${products}${converged ? '' : '; the ends have not converged, allow more --steps'}`),
    ...(eigenvalues === null || eigenvalues.length > 40 ? [] : ['', 'eigenvalues', ...bars(eigenvalues, screen)]),
    ...(density === null || (eigenvalues !== null && eigenvalues.length <= 40)
      ? []
      : ['', 'density of the eigenvalues', ...plot([{ x: [...density.points], y: [...aboveFloor(density.values)] }], { width: screen.columns - 14, height: 12, unicode: screen.unicode })]),
  ];
}

/** Between two eigenvalues a smoothed density is a number like 1e-59: nothing, and no end of an axis. */
function aboveFloor(values: Float64Array): Float64Array {
  const least = 1e-6 * values.reduce((most, value) => Math.max(most, value), 0);
  return values.map((value) => (value < least ? 0 : value));
}

function ofRegions({ region, minimiser, at, thresholds, statement, survives, noise }: Regions, screen: Screen): readonly string[] {
  return [
    field('region', screen.style('bold', region)),
    ...wrap(statement, screen.columns - 15).map((line, k) => field(k === 0 ? 'statement' : '', line)),
    field('minimiser', `singular values from ${short(minimiser.least)} to ${short(minimiser.largest)}`),
    field('point', `singular values from ${short(at.least)} to ${short(at.largest)}, ${short(at.distance)} from the minimisers`),
    field('thresholds', `R1 up to ${short(thresholds.least)}, R2 within ${short(thresholds.distance)}, R3'' from ${short(thresholds.largest)}`),
    ...(survives === null || noise === null
      ? []
      : [
          field('isometry', survives === 0 ? 'noise drowns it for the measurements' : `the statement carries over if delta_3r <= ${short(survives)}, which no program can know`),
          field('noise', `takes ${short(noise)} off`),
        ]),
  ];
}

function ofStationaryPoints({ complete, reason, bezout, solutions, points, eulerSum }: AllStationaryPoints, screen: Screen): readonly string[] {
  const shown = points.slice(0, 40);
  return [
    field('complete', complete ? screen.style('green', `yes: ${bezout} complex solutions, as many as there can be`) : screen.style('yellow', `no: ${solutions} of ${bezout} complex solutions`)),
    ...(reason === null ? [] : wrap(reason, screen.columns - 15).map((line, k) => field(k === 0 ? 'because' : '', line))),
    field('real', `${points.length}${eulerSum === null ? '' : `, sum of (-1)^index ${eulerSum}`}`),
    '',
    ...shown.map(({ value, index, eigenvalues, point }) => `  ${short(value).padStart(10)}  index ${index ?? '?'}  curvature ${short(eigenvalues[0]!)} to ${short(eigenvalues.at(-1)!)}  at (${[...point.data].map((x) => short(Math.round(x * 1e6) / 1e6)).join(', ')})`),
    ...(points.length > shown.length ? [`  and ${points.length - shown.length} more; --json has them`] : []),
  ];
}

/** Eigenvalues as bars, the ends of many. */
function bars(values: Float64Array, screen: Screen): string[] {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const line = (value: number): string => `${short(value).padStart(12)} ${value < 0 ? screen.style('yellow', bar(-value, largest, screen.columns - 16, screen.unicode)) : bar(value, largest, screen.columns - 16, screen.unicode)}`;
  if (values.length <= 40) return [...values].map(line);
  return [...values.slice(0, 12)].map(line).concat(`${' '.repeat(9)}... ${values.length - 24} more`, [...values.slice(-12)].map(line));
}
