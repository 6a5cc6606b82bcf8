import { z } from 'zod';

/** A region, optionally with a zone and a sub-zone. */
export const Locality = z
  .string()
  .max(192)
  .regex(/^[A-Za-z0-9._-]{1,63}(?:\/[A-Za-z0-9._-]{1,63}){0,2}$/, 'must be region, region/zone or region/zone/subzone');
