/** The text of cli/variables.ts, from the table rows of settings.md. */
import { settingsPage } from './settings-page.ts';

/** Variables that no user sets. Gatehouse sets this one when it starts itself a second time with another Node. */
const INTERNAL = ['GATEHOUSE_REEXECUTED'];

/** @returns the source of a module; a command reads it without loading the schemas of the API and the agent */
export function variablesList(): string {
  const listed = [...settingsPage().matchAll(/^\| `(GATEHOUSE_\w+)`/gm)].map(([, name = '']) => name);
  const lines = [...new Set([...listed, ...INTERNAL])].sort().map((name) => `  '${name}',`);
  return `/** Every variable that Gatehouse reads. \`npm run pages\` writes this file. */\nexport const VARIABLES = [\n${lines.join('\n')}\n];\n`;
}
