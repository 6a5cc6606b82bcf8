import { join } from 'node:path';
import type { Log } from '../log.ts';
import { isDamage } from './damage.ts';
import { Replica } from './replica.ts';
import type { Seal } from './sealing.ts';

/**
 * Opens the replica in a data folder, or creates it. If the replica is damaged, has another format or was sealed by
 * another key, it is replaced by an empty one, which the agent fills from the API.
 *
 * @param folder the agent's data folder; the file is `replica.sqlite` in it
 */
export function openReplica(folder: string, seal: Seal, log: Log): Replica {
  const file = join(folder, 'replica.sqlite');
  try {
    return openSealed(file, seal);
  } catch (error) {
    if (!isDamage(error)) throw error;
    return startOver(file, seal, error as Error, log);
  }
}

/** Replaces a damaged replica by an empty one. The caller has closed the damaged replica. */
export function startOver(file: string, seal: Seal, cause: Error, log: Log): Replica {
  log.error({ file, reason: cause.message }, 'the replica is damaged: rebuilding it from the API');
  Replica.discard(file);
  return openSealed(file, seal);
}

function openSealed(file: string, seal: Seal): Replica {
  const replica = Replica.open(file);
  try {
    replica.requireSealedBy(seal);
    return replica;
  } catch (error) {
    replica.close();
    throw error;
  }
}
