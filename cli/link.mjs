// npm links the commands of dependencies, but not the command of the checkout itself. Without this link, `npx
// gatehouse` finds no command.
import { rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const link = fileURLToPath(new URL('../node_modules/.bin/gatehouse', import.meta.url));
try {
  rmSync(link, { force: true });
  symlinkSync('../../cli/gatehouse.mjs', link);
} catch (error) {
  // `npm start` does not need the link.
  console.warn(`npx gatehouse will not work: ${error.message}`);
}
