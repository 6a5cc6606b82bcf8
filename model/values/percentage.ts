import { z } from 'zod';

export const Percentage = z
  .number()
  .min(0)
  .max(100)
  .meta({ id: 'Percentage', description: 'A percentage from 0 to 100, with decimals: `0.5`.', example: 12.5 });
