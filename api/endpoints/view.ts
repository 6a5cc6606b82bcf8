import type { Endpoint } from '../../model/kinds/upstream.ts';
import type { RegisteredEndpoint } from '../store/endpoints.ts';
import type { RegisteredEndpointView } from './schema.ts';

/** Makes the view of a registered endpoint in responses. */
export const view = ({
  id,
  endpoint,
  ttl,
  registeredAt,
  expiresAt,
}: Omit<RegisteredEndpoint, 'labels'>): RegisteredEndpointView => ({
  id,
  ...(JSON.parse(endpoint) as Endpoint),
  ttl: ttl % 1000 === 0 ? `${ttl / 1000}s` : `${ttl}ms`,
  registeredAt: new Date(registeredAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
});
