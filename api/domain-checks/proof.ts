import { Undecided } from '../dns/lookup.ts';
import type { Message } from '../dns/message.ts';
import { valuesOf } from '../dns/referral.ts';
import type { Resolver } from '../dns/resolver.ts';
import { PROOF_LABEL } from '../domains/name.ts';
import { recordsOf } from '../domains/records.ts';
import type { Settings } from '../settings.ts';
import type { DomainKey } from '../store/domains.ts';

/** What the name servers of a domain say about its proof. */
export interface Seen {
  /** `absent`: no server has the proof. `undecided`: too few answered, or they disagree. */
  result: 'found' | 'absent' | 'undecided';
  /** Why the proof was not found, in words. */
  reason: string;
  /** Whether all servers have the proof of another claim too. */
  alsoHas(other: DomainKey): boolean;
}

/**
 * Asks the authoritative name servers of a domain for the proof of a claim. All servers that answer must have it. The
 * record itself must contain the token: a CNAME is not followed, since its target may belong to others.
 */
export async function lookForProof(dns: Resolver, settings: Settings, claim: DomainKey): Promise<Seen> {
  const name = `${PROOF_LABEL}.${claim.name}`;
  try {
    const { zone, answers } = await dns.authoritative({ name, type: 'TXT' });
    const having = (key: DomainKey) => answers.filter(({ message }) => hasProof(message, settings, key));
    const found = having(claim);
    const alsoHas = (other: DomainKey) => having(other).length === answers.length;
    if (found.length === answers.length) return { result: 'found', reason: '', alsoHas };
    if (found.length === 0) return { result: 'absent', reason: whyAbsent(name, answers[0]!.message), alsoHas };
    const without = answers.filter((each) => !found.includes(each)).map(({ server }) => server);
    const reason = `the name servers of ${zone} disagree: ${without.join(', ')} do not have the record yet`;
    return { result: 'undecided', reason, alsoHas };
  } catch (error) {
    if (!(error instanceof Undecided)) throw error;
    return { result: 'undecided', reason: error.message, alsoHas: () => false };
  }
}

function hasProof({ answers }: Message, settings: Settings, claim: DomainKey): boolean {
  return recordsOf(settings, claim).some(({ type, name, value }) =>
    valuesOf(answers, name, type).some((each) => each.trim() === value),
  );
}

/** The most text of a wrong record that a reason repeats. */
const SHOWN = 100;

function whyAbsent(name: string, { answers }: Message): string {
  const wrong = (['TXT', 'CNAME'] as const).flatMap((type) =>
    valuesOf(answers, name, type).map((value) => `${type} ${JSON.stringify(value.slice(0, SHOWN))}`),
  );
  return wrong.length === 0 ? `${name} has no TXT or CNAME record` : `${name} has another record: ${wrong[0]}`;
}
