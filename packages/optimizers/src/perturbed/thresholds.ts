import { choice, type Infer, boolean, number, options } from '@lowland/core';

export const perturbationSchema = options({
  mode: choice(['theory', 'practical'], {
    default: 'practical',
    summary: 'theory: the constants of the theorem; practical: those of codes in use, c = 3 and a radius of 0.1.',
  }),
  smoothness: number({ above: 0, default: 10, summary: 'l, a Lipschitz constant of the gradient; the step is c / l.' }),
  hessianLipschitz: number({ above: 0, default: 15, summary: 'rho, a Lipschitz constant of the Hessian.' }),
  epsilon: number({ above: 0, default: 0.01, summary: 'Aims at |grad f| <= epsilon and lambda_min >= -sqrt(rho epsilon).' }),
  delta: number({ above: 0, below: 1, default: 0.1, summary: 'Probability of failure.' }),
  c: number({ above: 0, summary: 'Else 1 in theory, 3 in practice.' }),
  radius: number({ above: 0, summary: 'Radius of the noise; else the formula in theory, 0.1 in practice.' }),
  valueDrop: number({ above: 0, summary: 'A bound of f(x_0) - min f; else f(x_0), right wherever f >= 0.' }),
  noise: choice(['normal', 'lattice'], {
    default: 'normal',
    summary: 'Directions of the noise: of standard normals, uniform in the ball, or of the lattice rule, which GPUs draw too: nearly so.',
  }),
  stopWhenCertified: boolean({
    default: true,
    summary: 'End when noise gained too little: the point is then second-order stationary with probability 1 - delta.',
  }),
});
export type PerturbationSettings = Infer<typeof perturbationSchema>;
export type PerturbationOptions = Partial<PerturbationSettings>;

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

/** With chi = 3 max(log(d l Delta_f / (c epsilon^2 delta)), 4). */
export function thresholds(settings: PerturbationSettings, variables: number, valueDrop: number): Thresholds {
  const { mode, smoothness, hessianLipschitz, epsilon, delta } = settings;
  const c = settings.c ?? (mode === 'theory' ? 1 : 3);
  // In f32, so that engines whose logarithms differ in the last bit agree on every threshold.
  const logarithm = Math.fround(Math.log((variables * smoothness * valueDrop) / (c * epsilon * epsilon * delta)));
  const chi = 3 * Math.max(logarithm, 4);
  const scale = Math.sqrt(c) / (chi * chi);
  return {
    step: c / smoothness,
    radius: settings.radius ?? (mode === 'theory' ? (scale * epsilon) / smoothness : 0.1),
    gradient: scale * epsilon,
    value: (c / (chi * chi * chi)) * Math.sqrt((epsilon * epsilon * epsilon) / hessianLipschitz),
    steps: Math.ceil(((chi / (c * c)) * smoothness) / Math.sqrt(hessianLipschitz * epsilon)),
  };
}
