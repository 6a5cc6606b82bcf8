import type { z } from 'zod';
import type { Settings } from '../settings.ts';
import { PROOF_LABEL } from './name.ts';
import type { ProofRecord } from './schema.ts';

/** What precedes the token in a TXT record. */
const PREFIX = 'gatehouse-domain=';

/** Returns the records that prove a claim. One of them is enough. */
export function recordsOf(
  { platformDomain }: Pick<Settings, 'platformDomain'>,
  { name, token }: { name: string; token: string },
): z.infer<typeof ProofRecord>[] {
  const at = `${PROOF_LABEL}.${name}`;
  return [
    { type: 'TXT', name: at, value: `${PREFIX}${token}` },
    // The target need not exist: only the record itself is read.
    { type: 'CNAME', name: at, value: `${token}.${PROOF_LABEL}.${platformDomain ?? 'invalid'}` },
  ];
}
