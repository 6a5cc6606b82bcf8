import { z } from 'zod';

/** The upgrades of a rule without `upgrades`. */
export const DEFAULT_UPGRADES: readonly string[] = ['websocket'];

/** Protocols for which Envoy has no upgrade of HTTP/1.1. */
const NEVER: ReadonlyMap<string, string> = new Map([
  ['h2c', 'is not upgraded to; clients that know that the port speaks HTTP/2 use it at once'],
  ...['connect', 'connect-udp', 'connect-ip'].map(
    (name) => [name, 'is not served: a gateway is no forward proxy'] as const,
  ),
]);

/** The protocols to which the clients of a rule may upgrade. */
export const Upgrades = z
  .array(
    z
      .string()
      .max(64)
      // https://www.rfc-editor.org/rfc/rfc9110#section-7.8
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:\/[!#$%&'*+.^_`|~0-9A-Za-z-]+)?$/, 'must be the name of a protocol')
      .overwrite((name) => name.toLowerCase())
      .superRefine((name, context) => {
        const why = NEVER.get(name);
        if (why) context.addIssue({ code: 'custom', message: why });
      }),
  )
  .max(8)
  .superRefine((names, context) => {
    for (const [index, name] of names.entries())
      if (names.indexOf(name) < index)
        context.addIssue({ code: 'custom', path: [index], message: `${name} is written twice` });
  })
  .describe(
    'The protocols to which clients may upgrade a connection (the Upgrade header of HTTP/1.1), in any case. Others get 403. Default: `websocket`. An empty list forbids all upgrades.',
  );
