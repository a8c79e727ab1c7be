/** One step of dv = -gamma v dt - g dt + sqrt(2 gamma / beta) dW, dx = v dt with a constant g: its mean map and its covariance. */
export interface OrnsteinUhlenbeckStep {
  /** exp(-gamma eta) */
  readonly psi0: number;
  /** (1 - psi0) / gamma */
  readonly psi1: number;
  /** (eta - psi1) / gamma */
  readonly psi2: number;
  /** Covariance of the noises of (v, x) over 2 gamma / beta: c00, c01, c11. */
  readonly c00: number;
  readonly c01: number;
  readonly c11: number;
}

/**
 *     c00 = (1 - e^(-2 gamma eta)) / (2 gamma),   c01 = (1 - psi0)^2 / (2 gamma^2),   c11 = (eta - 2 psi1 + c00) / gamma^2
 *
 * Of correctly rounded operations alone, so the same bits everywhere, and by power series where the formulas cancel.
 */
export function ornsteinUhlenbeck(gamma: number, eta: number): OrnsteinUhlenbeckStep {
  const a = gamma * eta;
  const psi0 = negativeExponential(a);
  const first = (b: number) => (b <= 1 ? series(b, 1, 1, () => 1) : (1 - negativeExponential(b)) / b);
  const one = first(a);
  const two = first(2 * a);
  const second = a <= 1 ? series(a, 2, 2, () => 1) : (1 - one) / a;
  const third = a <= 1 ? series(a, 3, 6, (k) => 2 ** (k + 2) - 2) : (1 - 2 * one + two) / (a * a);
  return {
    psi0,
    psi1: eta * one,
    psi2: eta * eta * second,
    c00: eta * two,
    c01: (eta * eta * one * one) / 2,
    c11: eta * eta * eta * third,
  };
}

/** sum over k of weight(k) (-a)^k / (k + shift)!, for 0 <= a <= 1; `factorial` is shift!. */
function series(a: number, shift: number, factorial: number, weight: (k: number) => number): number {
  let sum = 0;
  let term = 1 / factorial;
  for (let k = 0; k < 30; k++) {
    sum += weight(k) * term;
    term *= -a / (k + 1 + shift);
  }
  return sum;
}

/** e^-a for a >= 0: e^(-a / 2^k), squared k times. */
function negativeExponential(a: number): number {
  let halvings = 0;
  while (a > 0.5 && halvings < 60) {
    a /= 2;
    halvings++;
  }
  let power = series(a, 0, 1, () => 1);
  for (; halvings > 0; halvings--) power *= power;
  return power;
}
