import { type FractionalPercent, FractionalPercent_DenominatorType } from '../../envoy/gen/envoy/type/v3/percent.ts';

/**
 * Converts a percentage into Envoy's fraction, which counts millionths. A percentage above 0 never becomes 0.
 *
 * @param percentage from 0 to 100
 */
export const fraction = (percentage: number): FractionalPercent => ({
  numerator: percentage === 0 ? 0 : Math.max(1, Math.round(percentage * 10_000)),
  denominator: FractionalPercent_DenominatorType.MILLION,
});
