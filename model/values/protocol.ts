import { z } from 'zod';

/** The protocols that a listener can speak with clients. TypeScript reports code that handles only some of them. */
export const Protocol = z.enum(['HTTP', 'HTTPS']);
export type Protocol = z.infer<typeof Protocol>;

/** Whether clients of a listener with this protocol speak TLS to it. */
export const isSecured: Readonly<Record<Protocol, boolean>> = { HTTP: false, HTTPS: true };
