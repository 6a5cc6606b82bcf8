import { asc } from 'drizzle-orm';
import { disagreement } from '../secrets/verify.ts';
import { all, prepare } from '../store/query.ts';
import type { Check } from './check.ts';
import { error } from './finding.ts';

/** Compares the sealing keys of the settings with those of the store. Without a sealer it finds nothing. */
export const sealing: Check = {
  tables: ['sealingCheck'],
  async *run({ kit, sealer }) {
    if (sealer === undefined) return;
    const { sealingCheck } = kit.t;
    const checks = await all(kit, prepare(kit.db.select().from(sealingCheck).orderBy(asc(sealingCheck.keyId))), {});
    const wrong = await disagreement(sealer, checks);
    if (wrong !== undefined)
      yield error(
        'sealing keys',
        wrong,
        'set GATEHOUSE_SEALING_KEYS to the keys of the store; an API with these keys does not start',
      );
  },
};
