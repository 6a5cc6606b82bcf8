import { z } from '@hono/zod-openapi';
import { ConfigurationInput } from '../../model/configuration.ts';
import { Name } from '../../model/values/name.ts';
import { ConfigurationOutline } from '../configuration/document-contract.ts';
import { contract } from '../http/route.ts';
import { Explanation, explainInput } from './schema.ts';

export const explainRequest = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/explain',
  access: 'tenant:read',
  operationId: 'explainRequest',
  tag: 'Explain',
  summary: 'Which rule serves a request, and why',
  description:
    'Evaluates one request as Envoy would: under the head, a kept revision, or a configuration in the body. Nothing is sent and nothing is written.',
  params: z.object({ tenant: Name }),
  body: {
    schema: explainInput(ConfigurationOutline),
    documented: explainInput(ConfigurationInput).meta({
      id: 'ExplainInput',
      example: { authority: 'bookinfo.example.com', path: '/reviews/1', headers: { 'end-user': 'jason' } },
    }),
    size: 'bulk',
  },
  answers: { 200: { description: 'The explanation.', body: Explanation } },
  problems: ['revision-pruned', 'invalid-configuration'],
});
