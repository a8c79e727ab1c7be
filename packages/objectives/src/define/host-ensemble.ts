/**
 * Many runs on an objective of few variables in one call: the driver of a single run costs several times such a step. Run k takes the
 * very steps of the method from seed + k, to the bit.
 */
import { type Device, type EnsembleOps, latticeNormals, normals, type StreamKey, streamKey } from '@lowland/core';

/** One step of a method, in place: from x, its gradient g and what else the method keeps, with fresh noise where it asks for them. */
interface Method {
  /** Vectors of the length of x that the method keeps beside the point. */
  readonly kept: number;
  /** Numbers of noise a step, over the length of x. */
  readonly noise: number;
  /** Numbers that it takes. */
  readonly parameters: number;
  step(x: Float64Array, g: Float64Array, kept: Float64Array, noise: Float64Array, parameters: Float64Array): void;
}

const methods: Readonly<Record<string, Method>> = {
  /** parameters: step */
  'gradient-descent': {
    kept: 0,
    noise: 0,
    parameters: 1,
    step(x, g, _kept, _noise, parameters) {
      const step = parameters[0]!;
      for (let i = 0; i < x.length; i++) x[i] = x[i]! + -step * g[i]!;
    },
  },
  /** parameters: step, strength of the rotation, root of 2 step temperature */
  langevin: {
    kept: 0,
    noise: 1,
    parameters: 3,
    step(x, g, _kept, noise, parameters) {
      const step = parameters[0]!;
      const strength = parameters[1]!;
      const spread = parameters[2]!;
      const half = Math.floor(x.length / 2);
      for (let i = 0; i < x.length; i++) x[i] = x[i]! + -step * g[i]!;
      if (strength !== 0) {
        for (let i = 0; i < half; i++) {
          x[i] = x[i]! + -step * strength * g[half + i]!;
          x[half + i] = x[half + i]! + step * strength * g[i]!;
        }
      }
      for (let i = 0; i < x.length; i++) x[i] = x[i]! + spread * noise[i]!;
    },
  },
  /** parameters: psi0, psi1, psi2 and the Cholesky factor (of the velocity, common, own) of the covariance */
  'underdamped-langevin': {
    kept: 1,
    noise: 2,
    parameters: 6,
    step(x, g, velocity, noise, parameters) {
      const psi0 = parameters[0]!;
      const psi1 = parameters[1]!;
      const psi2 = parameters[2]!;
      const ofVelocity = parameters[3]!;
      const common = parameters[4]!;
      const own = parameters[5]!;
      const n = x.length;
      for (let i = 0; i < n; i++) {
        x[i] = x[i]! + psi1 * velocity[i]! + -psi2 * g[i]! + common * noise[i]! + own * noise[n + i]!;
        velocity[i] = velocity[i]! * psi0 + -psi1 * g[i]! + ofVelocity * noise[i]!;
      }
    },
  },
};

/** The ensemble of an objective whose gradient, given on host arrays, is `gradient(x, out)`; `out` arrives as zeros. */
export function hostEnsemble(size: number, gradient: (x: Float64Array, out: Float64Array) => void, device: Device): EnsembleOps {
  const x = new Float64Array(size);
  const slope = new Float64Array(size);
  const lengthOf = (name: string) => size * (1 + methods[name]!.kept);
  return {
    methods: Object.keys(methods),
    stateLength: lengthOf,
    parameterCount: (name) => methods[name]!.parameters,
    exits: true,
    run({ method: name, parameters, states, count, steps, firstStep, seed, noise: rule, exit }) {
      const method = methods[name]!;
      const length = lengthOf(name);
      const kept = new Float64Array(size * method.kept);
      const noise = new Float64Array(size * method.noise);
      const draw = rule === 'lattice' ? latticeNormals : normals;
      const rows = device.host!(parameters).slice();
      const { parameters: width } = method;
      const { purpose } = streamKey(seed, name);
      for (let k = 0; k < count; k++) {
        if (exit !== undefined && exit.at[k]! >= 0) continue;
        const numbers = rows.length === width ? rows : rows.subarray(k * width, (k + 1) * width);
        // Looked up for each run: the objective's function is anybody's and may make memory move.
        const before = device.host!(states).subarray(k * length, (k + 1) * length);
        x.set(before.subarray(0, size));
        kept.set(before.subarray(size));
        for (let t = 0; t < steps; t++) {
          slope.fill(0);
          gradient(x, slope);
          if (noise.length > 0) {
            const key: StreamKey = { seed: seed + k, purpose, index: firstStep + t };
            draw(key, noise);
          }
          method.step(x, slope, kept, noise, numbers);
          if (exit?.test(x) === true) {
            exit.at[k] = firstStep + t + 1;
            break;
          }
        }
        const after = device.host!(states);
        after.set(x, k * length);
        after.set(kept, k * length + size);
      }
    },
  };
}
