import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { contract } from '../http/route.ts';
import { dryRun, writeHeaders } from '../publishing/contract.ts';
import { gateProblems } from '../publishing/gates/index.ts';
import { Quickstart, QuickstartOutcome } from './schema.ts';

const answer = (description: string) => ({ description, body: QuickstartOutcome, headers: writeHeaders });

export const quickstart = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/quickstart',
  access: 'tenant:write',
  operationId: 'quickstart',
  tag: { name: 'Onboarding', description: "The first steps of a tenant on the platform's domain." },
  summary: 'Give an application an address on the platform domain',
  description:
    'Writes an upstream and a route as one revision: requests for the host of the tenant on the platform domain go to the URL, over HTTPS with the certificate of the platform. A host that a route of the tenant serves already gets 409, so requests of that route are never diverted.',
  params: z.object({ tenant: Name }),
  query: z.strictObject(dryRun),
  body: { schema: Quickstart },
  headers: ['Prefer', 'Idempotency-Key'],
  answers: {
    200: answer(
      'The request was a dry run, or the tenant had this upstream and this route, or it had `Prefer: wait` and the address answers.',
    ),
    201: { ...answer('The upstream and the route were created.'), headers: [...writeHeaders, 'Location'] },
    202: answer('They were created, but were not live on every connected node at the end of the wait.'),
  },
  problems: [...gateProblems, 'name-taken', 'no-platform-domain'],
});
