export interface PerturbationOptions {
  /** `theory`: the constants of the theorem. `practical`: those of codes in use, c = 3 and a radius of 0.1. Default `practical`. */
  readonly mode?: 'theory' | 'practical';
  /** l, a Lipschitz constant of the gradient. Default 10. */
  readonly smoothness?: number;
  /** rho, a Lipschitz constant of the Hessian. Default 15. */
  readonly hessianLipschitz?: number;
  /** Aims at |grad f| <= epsilon and lambda_min >= -sqrt(rho epsilon). Default 0.01. */
  readonly epsilon?: number;
  /** Probability of failure. Default 0.1. */
  readonly delta?: number;
  /** Default 1 in theory, 3 in practice. The step is c / l. */
  readonly c?: number;
  /** Radius of the noise. Default: the formula in theory, 0.1 in practice. */
  readonly radius?: number;
  /** Delta_f, a bound of f(x_0) - min f. Default: f(x_0), right wherever f >= 0. */
  readonly valueDrop?: number;
  /** Ends the run when noise gained too little: the point is then second-order stationary with probability 1 - delta. Default true. */
  readonly stopWhenCertified?: boolean;
}

export interface Thresholds {
  /** eta = c / l */
  readonly step: number;
  /** r = sqrt(c) / chi^2 · epsilon / l */
  readonly radius: number;
  /** g_thres = sqrt(c) / chi^2 · epsilon */
  readonly gradient: number;
  /** f_thres = c / chi^3 · sqrt(epsilon^3 / rho) */
  readonly value: number;
  /** t_thres = chi / c^2 · l / sqrt(rho epsilon), rounded up */
  readonly steps: number;
}

export const perturbationDefaults = {
  mode: 'practical',
  smoothness: 10,
  hessianLipschitz: 15,
  epsilon: 0.01,
  delta: 0.1,
  stopWhenCertified: true,
} as const;

/** With chi = 3 max(log(d l Delta_f / (c epsilon^2 delta)), 4). */
export function thresholds(options: PerturbationOptions, variables: number, valueDrop: number): Thresholds {
  const { mode, smoothness, hessianLipschitz, epsilon, delta } = { ...perturbationDefaults, ...options };
  const c = options.c ?? (mode === 'theory' ? 1 : 3);
  // In f32, so that engines whose logarithms differ in the last bit agree on every threshold.
  const logarithm = Math.fround(Math.log((variables * smoothness * valueDrop) / (c * epsilon * epsilon * delta)));
  const chi = 3 * Math.max(logarithm, 4);
  const scale = Math.sqrt(c) / (chi * chi);
  return {
    step: c / smoothness,
    radius: options.radius ?? (mode === 'theory' ? (scale * epsilon) / smoothness : 0.1),
    gradient: scale * epsilon,
    value: (c / (chi * chi * chi)) * Math.sqrt((epsilon * epsilon * epsilon) / hessianLipschitz),
    steps: Math.ceil(((chi / (c * c)) * smoothness) / Math.sqrt(hessianLipschitz * epsilon)),
  };
}
