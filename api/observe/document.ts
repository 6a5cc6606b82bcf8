import { OpenAPIHono } from '@hono/zod-openapi';
import { registerComponents } from '../http/components.ts';
import type { Operation, Tag } from '../http/route.ts';

/**
 * Makes the OpenAPI 3.1 document of those of the routes that programs call. `npm run openapi` writes it to `openapi/`,
 * and the API serves it.
 */
export function openapiDocument(all: readonly Operation[]) {
  const operations = all.filter(({ contract }) => !contract.isPage);
  const app = new OpenAPIHono();
  registerComponents(app);
  for (const { contract } of operations) app.openAPIRegistry.registerPath(contract.openapi);
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version: '1.0.0',
      description:
        'Ingress for many tenants. Tenants write gateways, routes and upstreams. Each write creates a revision, and fleets of Envoys serve the latest one. People sign in at [/sign-in](/sign-in).',
      license: { name: 'All rights reserved', ...{ identifier: 'LicenseRef-Proprietary' } },
    },
    servers: [{ url: '/' }],
    tags: tagsOf(operations),
  });
}

/** Returns the tags of the operations, in the order of their first operation. Those of the API itself come last. */
function tagsOf(operations: readonly Operation[]): Tag[] {
  const isOwn = ({ contract }: Operation) => !contract.path.startsWith('/v1/');
  const ordered = [...operations.filter((each) => !isOwn(each)), ...operations.filter(isOwn)];
  return [...new Map(ordered.map(({ contract: { tag } }) => [tag.name, tag])).values()];
}
