// npm links the commands of dependencies, never those of the checkout itself: without this `npx gatehouse` finds nothing in it.
import { rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const link = fileURLToPath(new URL('../node_modules/.bin/gatehouse', import.meta.url));
try {
  rmSync(link, { force: true });
  symlinkSync('../../cli/gatehouse.mjs', link);
} catch (error) {
  // `npm start` does without it.
  console.warn(`npx gatehouse will not work: ${error.message}`);
}
