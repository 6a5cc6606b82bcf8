/** The schemas of domains in requests and responses. */
import { z } from 'zod';
import { pageOf } from '../view.ts';
import { ClaimedName, DomainName } from './name.ts';

export const ProofRecord = z
  .object({
    type: z.enum(['TXT', 'CNAME']),
    name: z.string().meta({ description: 'The name of the record, without a trailing dot.' }),
    value: z.string(),
  })
  .meta({ id: 'ProofRecord' });

export const Domain = z
  .object({
    name: DomainName,
    unicode: z.string().optional().meta({
      description: 'An international name as people write it. Responses and hosts use the A-labels of `name`.',
    }),
    looksLike: z.string().optional().meta({
      description:
        'A name in Latin letters that this one resembles, or the name with the labels that mix scripts. Users may be misled by it.',
    }),
    state: z.enum(['pending', 'proven', 'grace']).meta({
      description:
        '`pending`: not proven yet, or released. `proven`: the tenant holds the domain. `grace`: it still holds the domain, but the last check did not find the proof.',
    }),
    records: z.array(ProofRecord).meta({
      description: 'The records that prove the domain. One of them is enough; keep it as long as you use the domain.',
    }),
    reason: z
      .string()
      .optional()
      .meta({ description: 'Why the last check did not find the proof, or why the tenant lost the domain.' }),
    createdAt: z.iso.datetime(),
    checkedAt: z.iso.datetime().optional().meta({ description: 'When the last check began.' }),
    provenAt: z.iso.datetime().optional().meta({ description: 'When a check last found the proof.' }),
    nextCheckAt: z.iso
      .datetime()
      .optional()
      .meta({ description: 'When the next check is due. Absent when the domain is checked only on request.' }),
    releaseAt: z.iso.datetime().optional().meta({
      description: 'In the state `grace`: when the domain is released, unless a check finds the proof before.',
    }),
  })
  .meta({ id: 'Domain' });
export type DomainView = z.infer<typeof Domain>;

export const DomainClaim = z
  .strictObject({ name: ClaimedName })
  .meta({ id: 'DomainClaim', example: { name: 'example.com' } });
export const DomainList = pageOf(Domain, 'DomainList');
