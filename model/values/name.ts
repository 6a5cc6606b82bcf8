import { z } from 'zod';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * The schema of names of resources, tenants and fleets. A name is a DNS label, so it needs no escaping in a host name,
 * a URL, a metric or the name of an Envoy resource.
 */
export const Name = z
  .string()
  .min(1)
  .max(63)
  .regex(dnsLabel, 'must be a DNS label: lower-case letters, digits and inner hyphens')
  .meta({
    id: 'Name',
    description: 'A DNS label: lower-case letters, digits and inner hyphens, at most 63.',
    example: 'reviews',
  });
