import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { DomainName } from './name.ts';
import { Domain, DomainClaim, DomainList } from './schema.ts';

const Params = z.object({ tenant: Name });
export const OfOne = Params.extend({ domain: DomainName });
export const tag = { name: 'Domains', description: 'Domains that tenants claim, and prove with a DNS record.' };
export const path = '/v1/tenants/{tenant}/domains';

export const claimDomain = contract({
  method: 'post',
  path,
  access: 'domain:write',
  operationId: 'claimDomain',
  tag,
  summary: 'Claim a domain',
  description:
    'Returns the records that prove the domain. Other tenants may claim it too: the tenant whose record the domain has holds it.',
  params: Params,
  body: { schema: DomainClaim },
  headers: ['Idempotency-Key'],
  problems: ['name-taken', 'domain-taken', 'too-many'],
  answers: { 201: { description: 'The domain was claimed.', body: Domain, headers: ['Location'] } },
});
export const listDomains = listing({
  path,
  access: 'tenant:read',
  operationId: 'listDomains',
  tag,
  summary: 'List domains',
  params: Params,
  list: DomainList,
  sortedBy: 'name',
});
export const readDomain = contract({
  method: 'get',
  path: `${path}/{domain}`,
  access: 'tenant:read',
  operationId: 'readDomain',
  tag,
  summary: 'Read a domain',
  params: OfOne,
  answers: { 200: { description: 'The domain.', body: Domain } },
});
export const removeDomain = contract({
  method: 'delete',
  path: `${path}/{domain}`,
  access: 'domain:write',
  operationId: 'removeDomain',
  tag,
  summary: 'Give up a domain',
  description: 'Hosts of the tenant stay, until another tenant proves the domain. A later claim gets other records.',
  params: OfOne,
  answers: { 204: { description: 'The tenant no longer claims the domain.' } },
});
