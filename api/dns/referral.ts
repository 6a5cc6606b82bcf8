import type { DnsRecord, Message, RecordType } from './message.ts';
import { shuffled } from './shuffled.ts';

/** A name server of a zone. */
export interface Server {
  name: string;
  /** Absent when its name must be resolved. */
  addresses?: string[];
}

/** The most servers that one referral adds. */
const MOST_OF_REFERRAL = 6;

/**
 * Returns the zone below `zone`, and its servers, to which a message refers; undefined when it does not refer to a zone
 * between `zone` and the name.
 */
export function referralIn(
  message: Message,
  zone: string,
  name: string,
): { zone: string; servers: Server[] } | undefined {
  if (message.answers.length > 0 || message.rcode !== 0) return undefined;
  const below = message.authorities.filter(
    (each) => each.type === 'NS' && each.name !== zone && isWithin(each.name, zone) && isWithin(name, each.name),
  );
  const child = below[0]?.name;
  if (child === undefined) return undefined;
  const names = below.filter((each) => each.name === child).map(({ value }) => value);
  const servers = shuffled([...new Set(names)]).slice(0, MOST_OF_REFERRAL);
  return { zone: child, servers: servers.map((server) => withGlue(server, zone, message.additionals)) };
}

/** Takes addresses only of names in the zone of the server that gives them: it is no authority for others. */
function withGlue(name: string, zone: string, additionals: readonly DnsRecord[]): Server {
  if (!isWithin(name, zone)) return { name };
  const addresses = (['A', 'AAAA'] as const).flatMap((type) => valuesOf(additionals, name, type));
  return addresses.length > 0 ? { name, addresses } : { name };
}

/** Puts servers of the same name together. */
export function merged(servers: readonly Server[]): Server[] {
  return [...Map.groupBy(servers, ({ name }) => name)].map(([name, each]) => {
    const addresses = [...new Set(each.flatMap((one) => one.addresses ?? []))];
    return addresses.length > 0 ? { name, addresses } : { name };
  });
}

/** Returns the values of the records of a name. */
export const valuesOf = (records: readonly DnsRecord[], name: string, type: RecordType): string[] =>
  records.filter((each) => each.name === name && each.type === type).map(({ value }) => value);

const isWithin = (name: string, zone: string): boolean => zone === '' || name === zone || name.endsWith(`.${zone}`);
