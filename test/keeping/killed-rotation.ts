/** Seals a store again, and gets `kill -9` after a hundred envelopes: `STORE KEYS`. */
import { rotate } from '../../api/secrets/rotate.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import { kit } from '../../api/store/query.ts';

const [, , store = '', keys = ''] = process.argv;
const { dialect, driver } = await openDatabase(store);
await rotate(kit(dialect, driver), await Sealer.from(keys), (resealed) => {
  if (resealed >= 100) process.kill(process.pid, 'SIGKILL');
});
