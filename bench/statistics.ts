/** Milliseconds. */
export interface Quantiles {
  p50: number;
  p99: number;
}

/** The value below which the share `q` of the samples lies: the nearest rank, so always one that was measured. */
function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}

export const quantiles = (samples: readonly number[]): Quantiles => ({
  p50: round(quantile(samples, 0.5)),
  p99: round(quantile(samples, 0.99)),
});

/** Two digits after the point: more would be noise. */
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
