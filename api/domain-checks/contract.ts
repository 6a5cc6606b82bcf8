import { OfOne, path, tag } from '../domains/contract.ts';
import { Domain } from '../domains/schema.ts';
import { contract } from '../http/route.ts';

export const checkDomain = contract({
  method: 'post',
  path: `${path}/{domain}/check`,
  access: 'domain:write',
  operationId: 'checkDomain',
  // One check may send a hundred queries to name servers.
  cost: 20,
  tag,
  summary: 'Check the proof of a domain now',
  description:
    'Asks the authoritative name servers of the domain, all of which must have the record. Takes up to 12 seconds. A domain is also checked without a request: soon after it was claimed, and once per day.',
  params: OfOne,
  answers: {
    200: { description: 'The domain after the check. `reason` says why the proof was not found.', body: Domain },
  },
});
