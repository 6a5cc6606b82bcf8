import { compare } from '../../model/diff.ts';
import { resourceName } from '../../model/violations.ts';
import type { Change, Head } from '../publishing/heads/head.ts';
import type { AuditDiff, AuditDifference } from '../store/audit.ts';

/** The maximum number of changes that an entry lists, and of those in one resource. */
const MOST = 24;
const MOST_PER_RESOURCE = 8;
/** The maximum length of the names and values of the listed changes, in characters. */
const LONGEST = 1_500;
/** The size from which a resource is not compared field by field, in characters of its JSON. */
const LARGE = 100_000;

/**
 * Lists the fields that a change of a configuration adds, removes and replaces. The list has no values: some are
 * secret, and the revisions contain the others.
 *
 * @param head the configuration before the change
 * @param changes the changes that have an effect
 */
export function configurationDiff(head: Head, changes: readonly Change[]): AuditDiff {
  return listed(differences(head, changes), ({ before: _, after: __, ...difference }) => difference);
}

function* differences({ configuration }: Head, changes: readonly Change[]): Generator<AuditDifference | undefined> {
  for (const change of changes) {
    const resource = resourceName(change.kind, change.name);
    const before = configuration.get(change.kind, change.name);
    const after = change.verb === 'put' ? change.spec : undefined;
    const isLarge = change.verb === 'put' && (change.json?.length ?? 0) > LARGE;
    if (isLarge && before !== undefined) {
      yield { resource, path: '', operation: 'replace' };
      continue;
    }
    const found = compare(resource, before, after, MOST_PER_RESOURCE);
    yield* found.slice(0, MOST_PER_RESOURCE);
    // Undefined stands for the changes of this resource that are left out.
    if (found.length > MOST_PER_RESOURCE) yield undefined;
  }
}

/**
 * Lists the members of an object that a change adds, removes and replaces, with their values. No member may be secret.
 *
 * @example objectDiff({ displayName: 'A' }, { displayName: 'B' })
 * // { changes: [{ path: '/displayName', operation: 'replace', before: 'A', after: 'B' }] }
 */
export function objectDiff(before: object, after: object): AuditDiff {
  return listed(compare('', before, after), ({ resource: _, ...difference }) => difference);
}

/** Collects changes until there are too many, or they are too long. */
function listed(
  differences: Iterable<AuditDifference | undefined>,
  shown: (difference: AuditDifference) => AuditDifference,
): AuditDiff {
  const changes: AuditDifference[] = [];
  let length = 0;
  for (const each of differences) {
    if (each === undefined) return { changes, isPartial: true };
    const change = shown(each);
    length += change.path.length + (change.resource?.length ?? 0) + valuesLength(change);
    if (changes.length === MOST || length > LONGEST) return { changes, isPartial: true };
    changes.push(change);
  }
  return { changes };
}

/** The length of the values as JSON. Entries about configurations have none. */
const valuesLength = ({ before, after }: AuditDifference): number =>
  before === undefined && after === undefined ? 0 : JSON.stringify([before, after]).length;
