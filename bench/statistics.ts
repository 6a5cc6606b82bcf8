/** Milliseconds. */
export interface Quantiles {
  p50: number;
  p99: number;
}

/** Returns the quantile `q` of the samples by nearest rank, so that the result is always a measured value. */
function quantile(samples: readonly number[], q: number): number {
  if (samples.length === 0) return Number.NaN;
  const sorted = Float64Array.from(samples).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(q * sorted.length) - 1))]!;
}

export const quantiles = (samples: readonly number[]): Quantiles => ({
  p50: round(quantile(samples, 0.5)),
  p99: round(quantile(samples, 0.99)),
});

/** Rounds a measured value, by default to two digits after the point. Further digits would be noise. */
export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
