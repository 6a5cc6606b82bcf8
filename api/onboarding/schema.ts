/** The schemas of quick starts in requests and responses. */
import { z } from 'zod';
import { HostPattern } from '../../model/values/host.ts';
import { Name } from '../../model/values/name.ts';
import { Outcome } from '../publishing/contract.ts';

export const Quickstart = z
  .strictObject({
    url: z.string().min(1).max(2000).meta({
      description:
        'The application: `http://` or `https://`, a host or an address, and perhaps a port and a path. With a path, `/x` of the new address becomes `<path>/x` of the application.',
    }),
    name: Name.default('app').meta({ description: 'The name of the new upstream and of the new route.' }),
    host: HostPattern.optional().meta({
      description:
        'The host on the platform domain: `<tenant>.<platform domain>`, or a name below it. Default: `<tenant>.<platform domain>`.',
    }),
  })
  .meta({ id: 'Quickstart', example: { url: 'https://shop.example.com' } });
export type Quickstart = z.output<typeof Quickstart>;

export const QuickstartOutcome = Outcome.extend({
  url: z.string().meta({ description: 'The address at which the application answers.' }),
  host: z.string(),
  upstream: Name,
  route: Name,
}).meta({ id: 'QuickstartOutcome' });
