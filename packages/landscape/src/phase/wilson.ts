/**
 * The interval of Wilson (1927, doi:10.1080/01621459.1927.10502953) for a probability, from so many successes in so many trials: those p with
 * |successes / trials - p| <= z sqrt(p (1 - p) / trials). Default z = 1.96, for 95 %.
 */
export function wilson(successes: number, trials: number, z = 1.96): readonly [low: number, high: number] {
  const share = successes / trials;
  const weight = (z * z) / trials;
  const centre = (share + weight / 2) / (1 + weight);
  const half = (z * Math.sqrt((share * (1 - share)) / trials + weight / (4 * trials))) / (1 + weight);
  return [successes === 0 ? 0 : centre - half, successes === trials ? 1 : centre + half];
}
