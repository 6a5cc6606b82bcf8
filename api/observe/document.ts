import { OpenAPIHono } from '@hono/zod-openapi';
import { kindIds, kinds, tagOf } from '../../model/kinds/index.ts';
import { registerComponents } from '../http/components.ts';
import type { Operation } from '../http/route.ts';

/** Makes the OpenAPI 3.1 document of these routes. `npm run openapi` writes it to `openapi/`, and the API serves it. */
export function openapiDocument(operations: readonly Operation[]) {
  const app = new OpenAPIHono();
  registerComponents(app);
  for (const { contract } of operations) app.openAPIRegistry.registerPath(contract.openapi);
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version: '1.0.0',
      description:
        'Hosted ingress. Tenants write gateways and routes as versioned revisions, and fleets of Envoys serve them.',
      license: { name: 'All rights reserved', ...{ identifier: 'LicenseRef-Proprietary' } },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(descriptions).map(([name, description]) => ({ name, description })),
  });
}

/** The descriptions of the tags, in the order in which the page shows them. */
const descriptions: Record<string, string> = {
  Tenants: 'Owners of configurations.',
  Tokens: 'Opaque bearer tokens of tenants, agents and platform operators.',
  ...Object.fromEntries(kindIds.map((kind) => [tagOf(kind), kinds[kind].summary])),
  Configuration: 'A whole configuration at once.',
  Explain: 'Which rule serves a request, and why.',
  Revisions: 'The history of a configuration, and the status of each revision.',
  Fleets: 'Envoys that serve the same gateways.',
  Agents: 'Operations that agents call.',
  Service: 'The API itself.',
};
