import type { Settings } from '../settings.ts';
import type { Domain as Row } from '../store/domains.ts';
import { viewOf } from '../view.ts';
import { lookalike } from './homograph.ts';
import { unicodeOf } from './punycode.ts';
import { recordsOf } from './records.ts';
import { Domain, type DomainView } from './schema.ts';

const shown = viewOf(Domain);

/** Makes the view of a domain in responses. */
export function view(settings: Settings, row: Row): DomainView {
  const { name, isHeld, missingSince, reason, createdAt, provenAt, checkedAt, nextCheckAt } = row;
  const unicode = unicodeOf(name);
  const looksLike = lookalike(unicode);
  return shown({
    name,
    ...(unicode !== name && { unicode }),
    ...(looksLike !== undefined && { looksLike }),
    state: isHeld ? (missingSince === null ? 'proven' : 'grace') : 'pending',
    records: recordsOf(settings, row),
    ...(reason !== null && { reason }),
    createdAt,
    ...(checkedAt !== null && { checkedAt }),
    ...(provenAt !== null && { provenAt }),
    ...(nextCheckAt !== null && { nextCheckAt }),
    ...(isHeld && missingSince !== null && { releaseAt: missingSince + settings.domainGrace }),
    // `Stored` makes optional members required.
  } as Parameters<typeof shown>[0]);
}
