import { z } from 'zod';

const dnsLabel = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/**
 * A name fits where a DNS label fits, so that it can become one and needs no escaping in a URL, a metric or an Envoy
 * name.
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
