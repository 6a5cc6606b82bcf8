import { z } from 'zod';

/** A host with or without a port, as the Host header has it. */
export const Authority = z
  .string()
  .min(1)
  .max(260)
  .regex(/^([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/, 'must be a host, with or without port');

/** Returns the port at the end of an authority; undefined when it has none. */
export const portOf = (authority: string): number | undefined => {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
};
