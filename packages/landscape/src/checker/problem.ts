/** What defines a problem, beside its data. */
import { fields, integer, number, oneOf, toggle, variants } from './reader.ts';

export const centers = ['none', 'global', 'bias'] as const;
export const losses = ['least-squares', 'huber', 'logistic', 'poisson', 'poisson-identity'] as const;

/** psi(z; b): 1/2 (z - b)^2, or another loss; `parameter` is delta of Huber's, beta of Poisson's with the identity link, else 0. */
export interface CertifiedLoss {
  readonly loss: (typeof losses)[number];
  readonly parameter: number;
}

/** sum of psi(X_ij; M_ij) + (lambda/2)(|U|^2 + |V|^2) + balance |U^T U - V^T V|^2, X = U V^T;  or 1/2 of the sum + (lambda/2) |X|^2, of X X^T */
export interface FactorizationProblem extends CertifiedLoss {
  readonly objective: 'matrix-factorization';
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly lambda: number;
  /** 0 for X X^T. */
  readonly balance: number;
}

/**
 * sum over the given cells of w_ij psi(X_ij; b_ij) + (lambda/2)(|U|^2 + |V|^2), X = U V^T;  or + lambda |X|^2 + incoherence sum over rows of
 * (|x_i| - alpha)_+^4, of X X^T. b = values - offsets.
 */
export interface CompletionProblem extends CertifiedLoss {
  readonly objective: 'matrix-completion';
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly lambda: number;
  /** Means that were taken off first. */
  readonly center: (typeof centers)[number];
  /** Weight of the penalty on rows, for X X^T alone; 0: none. */
  readonly incoherence: number;
  readonly alpha: number;
}

/** c sum of w_k psi(<A_k, X>; b_k) + <C, X> + (lambda/2)(|U|^2 + |V|^2), or + lambda |X|^2 of X X^T; c = 1 (sum) or 1/m (mean) */
export interface SensingProblem extends CertifiedLoss {
  readonly objective: 'matrix-sensing';
  readonly symmetric: boolean;
  readonly rows: number;
  readonly cols: number;
  readonly lambda: number;
  readonly normalisation: 'sum' | 'mean';
}

/** 1/(4n) sum over n samples of (x_i^T X x_i - y_i)^2 + (lambda/2) |U|^2, X = U U^T; a sample is a row of the data, y its last entry */
export interface NetworkProblem {
  readonly objective: 'quadratic-network';
  /** Inputs. */
  readonly rows: number;
  readonly lambda: number;
}

/**
 * <C, X> + <l, c> + (weight/2) |c|^2, c = a(X) - b, X = U U^T psd: the quadratic penalty (l = 0) or an augmented Lagrangian, never above
 * min <C, X> subject to c = 0.
 */
export interface ConstrainedProblem {
  /** Constraints are the data, X_ii = 1, or diagonal blocks of X that are identities; C is the linear term, half the adjacency matrix, the data. */
  readonly objective: 'constrained-factorization' | 'max-cut' | 'orthogonal-cut';
  readonly rows: number;
  readonly merit: 'penalty' | 'augmented';
  readonly weight: number;
  /** Rows of a block of orthogonal-cut; else 1. */
  readonly size: number;
}

/** w sum of (|z|^2 - y)^2, w = 1/(4m) for real vectors, else 1/(2m), or 1/(2m) sum of (sqrt(|z|^2 + smoothing^2) - sqrt(y + smoothing^2))^2, z = a_k^* x */
export interface PhaseProblem {
  readonly objective: 'phase-retrieval';
  readonly rows: number;
  readonly loss: 'intensity' | 'amplitude' | 'smoothed-amplitude';
  readonly smoothing: number;
  /** The signal is real though the vectors need not be. */
  readonly real: boolean;
}

/** Instances that are their own data: E11^2 + E11 E22 + E22^2 + 3 beta^2 E12^2, E = X - e1 e1^T (`parameter` beta). */
export interface BetaProblem {
  readonly objective: 'beta-family';
  readonly parameter: number;
}
/** <C, X> + (gamma/2) sum of (X_ii - 1)^2, C minus the adjacency matrix of the cycle of `rows` nodes (`parameter` gamma). */
export interface RingProblem {
  readonly objective: 'ring';
  readonly rows: number;
  readonly parameter: number;
}
/** 1/2 sum of W_ij (X_ij - 1)^2, W = [[1, a], [a, 1]] (`parameter` a). */
export interface WeightedProblem {
  readonly objective: 'weighted-two-by-two';
  readonly parameter: number;
}

export type CertifiedProblem =
  | FactorizationProblem
  | CompletionProblem
  | SensingProblem
  | NetworkProblem
  | ConstrainedProblem
  | PhaseProblem
  | BetaProblem
  | RingProblem
  | WeightedProblem;

const notNegative = number({ least: 0 });
const positive = number({ least: 0, above: true });
const finite = number({});
const size = integer({ least: 1 });
const loss = { loss: oneOf(...losses), parameter: notNegative };
const factored = { symmetric: toggle, rows: size, cols: size, lambda: notNegative, ...loss };

const sdp = fields<ConstrainedProblem>({ objective: oneOf('constrained-factorization', 'max-cut', 'orthogonal-cut'), rows: size, merit: oneOf('penalty', 'augmented'), weight: positive, size });

export const problem = variants<CertifiedProblem>('objective', {
  'matrix-factorization': fields<FactorizationProblem>({ objective: oneOf('matrix-factorization'), ...factored, balance: notNegative }),
  'matrix-completion': fields<CompletionProblem>({ objective: oneOf('matrix-completion'), ...factored, center: oneOf(...centers), incoherence: notNegative, alpha: notNegative }),
  'matrix-sensing': fields<SensingProblem>({ objective: oneOf('matrix-sensing'), ...factored, normalisation: oneOf('sum', 'mean') }),
  'quadratic-network': fields<NetworkProblem>({ objective: oneOf('quadratic-network'), rows: size, lambda: notNegative }),
  'constrained-factorization': sdp,
  'max-cut': sdp,
  'orthogonal-cut': sdp,
  'phase-retrieval': fields<PhaseProblem>({
    objective: oneOf('phase-retrieval'),
    rows: size,
    loss: oneOf('intensity', 'amplitude', 'smoothed-amplitude'),
    smoothing: notNegative,
    real: toggle,
  }),
  'beta-family': fields<BetaProblem>({ objective: oneOf('beta-family'), parameter: finite }),
  ring: fields<RingProblem>({ objective: oneOf('ring'), rows: integer({ least: 3 }), parameter: positive }),
  'weighted-two-by-two': fields<WeightedProblem>({ objective: oneOf('weighted-two-by-two'), parameter: positive }),
});
