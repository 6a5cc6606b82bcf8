import { commandsPage } from './commands-page.ts';
import { settingsPage } from './settings-page.ts';
import { variablesList } from './variables-list.ts';

/** The files that are generated from the settings and the commands: path from the root → text. */
export const PAGES: Record<string, () => string> = {
  'docs/reference/settings.md': settingsPage,
  'docs/reference/commands.md': commandsPage,
  'cli/variables.ts': variablesList,
};
