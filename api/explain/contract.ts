import { z } from '@hono/zod-openapi';
import { ConfigurationInput } from '../../model/configuration.ts';
import { Name } from '../../model/values/name.ts';
import { ConfigurationOutline } from '../configuration/document-contract.ts';
import { wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { REVISIONS } from '../http/tags.ts';
import { gateProblems } from '../publishing/gates/index.ts';
import { Explanation, explainInput, RevisionDiff } from './schema.ts';

export const explainRequest = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/explain',
  access: 'tenant:read',
  operationId: 'explainRequest',
  tag: { name: 'Explain', description: 'Operations that show which rule serves a request, and why.' },
  summary: 'Which rule serves a request, and why',
  description:
    'Evaluates one request as Envoy would, under the head, a kept revision, or a configuration in the body. The API does not send the request, and writes nothing.',
  params: z.object({ tenant: Name }),
  cost: 20,
  body: {
    schema: explainInput(ConfigurationOutline),
    documented: explainInput(ConfigurationInput).meta({
      id: 'ExplainInput',
      example: { authority: 'bookinfo.example.com', path: '/reviews/1', headers: { 'end-user': 'jason' } },
    }),
    size: 'bulk',
    // One resource is /configuration/routes/web.
    partDepth: 3,
  },
  answers: {
    200: { description: 'The rule that serves the request, or the reason why none does.', body: Explanation },
  },
  problems: ['revision-pruned', ...gateProblems],
});

export const diffRevisions = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}/diff',
  access: 'tenant:read',
  operationId: 'diffRevisions',
  tag: REVISIONS,
  summary: 'Compare two revisions: changed fields, and requests that they answer differently',
  params: z.object({ tenant: Name, revision: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'Revision number.') }),
  query: z.strictObject({
    from: wholeNumber(
      0,
      Number.MAX_SAFE_INTEGER,
      'The revision to compare with. Default: the previous one. 0: an empty configuration.',
    ).optional(),
  }),
  response: 'bulk',
  cost: 20,
  answers: { 200: { description: 'The difference between the two revisions.', body: RevisionDiff } },
  problems: ['revision-pruned'],
});
